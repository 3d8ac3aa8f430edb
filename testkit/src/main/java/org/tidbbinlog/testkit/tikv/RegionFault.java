package org.tidbbinlog.testkit.tikv;

import org.tidbbinlog.wire.regionerror.EpochNotMatch;
import org.tidbbinlog.wire.regionerror.Error;
import org.tidbbinlog.wire.regionerror.NotLeader;
import org.tidbbinlog.wire.regionerror.RegionNotFound;
import org.tidbbinlog.wire.regionerror.ServerIsBusy;
import org.tidbbinlog.wire.regionerror.StaleCommand;

/** Region errors that can be ordered for the next calls. */
public enum RegionFault {
  NOT_LEADER,
  EPOCH_NOT_MATCH,
  SERVER_IS_BUSY,
  STALE_COMMAND,
  REGION_NOT_FOUND;

  Error error(long regionId) {
    Error.Builder error = Error.newBuilder().setMessage("ordered: " + this);
    switch (this) {
      case NOT_LEADER -> error.setNotLeader(NotLeader.newBuilder().setRegionId(regionId));
      case EPOCH_NOT_MATCH -> error.setEpochNotMatch(EpochNotMatch.getDefaultInstance());
      case SERVER_IS_BUSY ->
          error.setServerIsBusy(ServerIsBusy.newBuilder().setReason("ordered").setBackoffMs(10));
      case STALE_COMMAND -> error.setStaleCommand(StaleCommand.getDefaultInstance());
      case REGION_NOT_FOUND ->
          error.setRegionNotFound(RegionNotFound.newBuilder().setRegionId(regionId));
    }
    return error.build();
  }
}

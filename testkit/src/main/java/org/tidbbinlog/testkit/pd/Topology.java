package org.tidbbinlog.testkit.pd;

import com.google.protobuf.ByteString;
import java.util.List;
import org.tidbbinlog.wire.meta.Peer;
import org.tidbbinlog.wire.meta.Region;
import org.tidbbinlog.wire.meta.Store;

/** Which regions and stores there are, as PD tells it. */
public interface Topology {
  /** The region that holds a key in comparable-bytes form. */
  Placed regionOf(ByteString encodedKey);

  List<Store> stores();

  /** A region with its leader. */
  record Placed(Region region, Peer leader) {}

  /** A cluster with no store at all. */
  static Topology none() {
    return new Topology() {
      @Override
      public Placed regionOf(ByteString encodedKey) {
        return new Placed(Region.getDefaultInstance(), Peer.getDefaultInstance());
      }

      @Override
      public List<Store> stores() {
        return List.of();
      }
    };
  }
}

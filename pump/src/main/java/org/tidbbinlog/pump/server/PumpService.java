package org.tidbbinlog.pump.server;

import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import org.tidbbinlog.pump.storage.PullRecord;
import org.tidbbinlog.wire.pump.PullBinlogReq;
import org.tidbbinlog.wire.pump.PumpGrpc;
import org.tidbbinlog.wire.pump.WriteBinlogResp;

/** The gRPC service {@code binlog.Pump}, with our own marshalling of what may be large. */
final class PumpService {
  private PumpService() {}

  static ServerServiceDefinition of(WriteGate gate, WriteRequest.Reader reader, PullService pulls) {
    MethodDescriptor<WriteRequest, WriteBinlogResp> write =
        PumpGrpc.getWriteBinlogMethod().toBuilder(
                reader, PumpGrpc.getWriteBinlogMethod().getResponseMarshaller())
            .build();
    MethodDescriptor<PullBinlogReq, PullRecord> pull =
        PumpGrpc.getPullBinlogsMethod().toBuilder(
                PumpGrpc.getPullBinlogsMethod().getRequestMarshaller(), new PullFrame.Writer())
            .build();
    return ServerServiceDefinition.builder(PumpGrpc.SERVICE_NAME)
        .addMethod(write, (call, headers) -> listen(call, gate))
        .addMethod(pull, pulls)
        .build();
  }

  private static ServerCall.Listener<WriteRequest> listen(
      ServerCall<WriteRequest, WriteBinlogResp> call, WriteGate gate) {
    return new WriteCall(call, gate);
  }
}

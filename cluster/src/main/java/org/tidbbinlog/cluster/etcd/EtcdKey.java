package org.tidbbinlog.cluster.etcd;

import com.google.protobuf.ByteString;

/** A key with its value as etcd holds it. */
public record EtcdKey(ByteString key, ByteString value, long modRevision, long lease) {
  public String keyText() {
    return key.toStringUtf8();
  }
}

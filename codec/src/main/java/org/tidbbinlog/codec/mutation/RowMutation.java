package org.tidbbinlog.codec.mutation;

import java.nio.ByteBuffer;

/**
 * One changed row, still encoded.
 *
 * @param row a view of the payload: for an insert handle datums and a row, for an update the old
 *     and the new row, for a delete the old row
 */
public record RowMutation(MutationKind kind, ByteBuffer row) {}

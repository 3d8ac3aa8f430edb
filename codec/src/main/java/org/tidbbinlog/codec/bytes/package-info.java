/** Cursors over bytes and growing output, shared by the decoders and encoders. */
@NullMarked
package org.tidbbinlog.codec.bytes;

import org.jspecify.annotations.NullMarked;

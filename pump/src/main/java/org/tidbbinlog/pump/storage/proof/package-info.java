/**
 * The bytes of the continuity proof: a chain of SHA-256 values over the value log, kept in a small
 * file beside each segment. No I/O. Format: {@code docs/formats/proof.md}.
 */
@NullMarked
package org.tidbbinlog.pump.storage.proof;

import org.jspecify.annotations.NullMarked;

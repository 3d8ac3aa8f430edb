/**
 * JSON twice: the text that TiDB describes its schema with, and the binary form of JSON columns.
 */
@NullMarked
package org.tidbbinlog.codec.json;

import org.jspecify.annotations.NullMarked;

@NullMarked
package org.tidbbinlog.codec.mutation;

import org.jspecify.annotations.NullMarked;

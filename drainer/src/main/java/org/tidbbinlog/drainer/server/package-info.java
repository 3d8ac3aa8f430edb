/** The Drainer process: settings, registration, HTTP, Notify, metrics. */
@NullMarked
package org.tidbbinlog.drainer.server;

import org.jspecify.annotations.NullMarked;

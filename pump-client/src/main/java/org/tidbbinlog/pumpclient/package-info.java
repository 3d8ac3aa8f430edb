/**
 * What a producer of binlogs links: {@link org.tidbbinlog.pumpclient.PumpClient} chooses a Pump for
 * each transaction, writes, retries and avoids Pumps that fail. Source: pump-client.
 */
@NullMarked
package org.tidbbinlog.pumpclient;

import org.jspecify.annotations.NullMarked;

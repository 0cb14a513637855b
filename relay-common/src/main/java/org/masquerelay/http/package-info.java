/// One adapter per HTTP version turns requests into a [org.masquerelay.http.TunnelExchange]: the
/// front of a relay, and the client side that a relay and an end user dial the next hop with.
@NullMarked
package org.masquerelay.http;

import org.jspecify.annotations.NullMarked;

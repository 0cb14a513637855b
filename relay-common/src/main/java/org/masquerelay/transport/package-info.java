/// Event loops, sockets, TLS material and the QUIC connections made of them.
@NullMarked
package org.masquerelay.transport;

import org.jspecify.annotations.NullMarked;

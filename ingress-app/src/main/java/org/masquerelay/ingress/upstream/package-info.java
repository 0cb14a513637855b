/// Pooled QUIC connections to egress relays, one pool per event loop.
@NullMarked
package org.masquerelay.ingress.upstream;

import org.jspecify.annotations.NullMarked;

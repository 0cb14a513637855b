/// The first hop: who may enter, and which egress carries the tunnel on.
@NullMarked
package org.masquerelay.ingress;

import org.jspecify.annotations.NullMarked;

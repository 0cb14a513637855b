/// Opens the target's side of a tunnel.
@NullMarked
package org.masquerelay.egress.dial;

import org.jspecify.annotations.NullMarked;

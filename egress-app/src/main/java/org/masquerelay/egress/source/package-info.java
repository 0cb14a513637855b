/// From which addresses of this machine tunnels reach their targets.
@NullMarked
package org.masquerelay.egress.source;

import org.jspecify.annotations.NullMarked;

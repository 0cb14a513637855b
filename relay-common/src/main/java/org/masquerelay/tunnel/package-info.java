/// What may be asked of a relay and what is answered: requests, refusals, and the two ends of a
/// tunnel.
///
/// Nothing here knows a channel; a [TunnelStream] hides whatever carries it.
@NullMarked
package org.masquerelay.tunnel;

import org.jspecify.annotations.NullMarked;

/// What an end user's program opens tunnels with: blocking, one connection to a relay, tunnels of
/// both kinds.
@NullMarked
package org.masquerelay.client;

import org.jspecify.annotations.NullMarked;

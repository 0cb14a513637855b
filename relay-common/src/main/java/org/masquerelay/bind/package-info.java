/// Bound UDP proxying (draft-ietf-masque-connect-udp-listen): one tunnel, many peers.
///
/// Nothing here knows a channel.
@NullMarked
package org.masquerelay.bind;

import org.jspecify.annotations.NullMarked;

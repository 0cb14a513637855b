/// The small languages of the wire: varints, structured fields, URI templates, hosts and ports.
///
/// Nothing here knows a channel or a socket.
@NullMarked
package org.masquerelay.wire;

import org.jspecify.annotations.NullMarked;

/// The Capsule Protocol and HTTP Datagrams (RFC 9297).
@NullMarked
package org.masquerelay.capsule;

import org.jspecify.annotations.NullMarked;

/// HTTP Message Signatures ([RFC 9421](https://datatracker.ietf.org/doc/html/rfc9421)): the
/// signature base, signing, and verification of requests with a window of time and nonces.
@NullMarked
package org.masquerelay.signature;

import org.jspecify.annotations.NullMarked;

/// JSON Web Tokens of an authorization server, as bearer tokens (RFC 6750), as a scheme of the
/// gate.
@NullMarked
package org.masquerelay.gate.jwt;

import org.jspecify.annotations.NullMarked;

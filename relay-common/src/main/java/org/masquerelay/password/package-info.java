/// Passwords as they are kept: hashed with Argon2id (RFC 9106).
@NullMarked
package org.masquerelay.password;

import org.jspecify.annotations.NullMarked;

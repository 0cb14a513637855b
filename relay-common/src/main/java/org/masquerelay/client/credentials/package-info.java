/// What a client shows a relay besides tokens: signatures, proofs of a key, passwords, bearer
/// tokens.
@NullMarked
package org.masquerelay.client.credentials;

import org.jspecify.annotations.NullMarked;

/// Privacy Pass tokens as the relay asks for them, reads them and checks them (RFC 9577), of the
/// types 0x0001 and 0x0002 (RFC 9578).
///
/// A [org.masquerelay.token.TokenChallenge] says which token is wanted, a
/// [org.masquerelay.token.Token] is what comes back, a [org.masquerelay.token.TokenVerifier] judges
/// it and a [org.masquerelay.token.SpentTokenStore] lets it pass once. How tokens are made is in
/// `org.masquerelay.token.issuance`.
@NullMarked
package org.masquerelay.token;

import org.jspecify.annotations.NullMarked;

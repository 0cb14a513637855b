package org.masquerelay.gate.token;

import org.masquerelay.gate.CredentialsRefusedException.Why;

/// What can be wrong with a token.
final class TokenFaults {
    static final Why MALFORMED = Why.challenge("the token is malformed");
    static final Why STALE = Why.challenge("the token is for a challenge that has ended");
    static final Why SPENT = Why.challenge("the token is spent");
    static final Why NOT_GENUINE = Why.notGenuine("the token does not verify");
    static final Why NO_ROOM = Why.overloaded("no more tokens can be redeemed now");
    static final Why STORE_FAILED = Why.overloaded("tokens cannot be redeemed now");
    static final Why NO_ISSUER = Why.overloaded("no token issuer is known now");

    private TokenFaults() {}
}

package org.masquerelay.gate.jwt;

import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.tunnel.RefusalReason;

/// What can be wrong with a token. The words are sent to the client, in `error_description` too.
final class JwtFaults {
    static final Why MALFORMED = Why.challenge("the token is malformed");
    static final Why NOT_ALLOWED =
            Why.challenge("the token is no JWT, or not signed in a way that is allowed");
    static final Why UNKNOWN_KEY = Why.challenge("the token is signed with an unknown key");
    static final Why BAD_SIGNATURE = Why.challenge("the token does not verify");
    static final Why EXPIRED = Why.challenge("the token has expired");
    static final Why NOT_FOR_US = Why.challenge("the token is not meant for this relay");
    static final Why NO_TENANT = Why.challenge("the token names no tenant");

    /// RFC 6750, section 3.1: `invalid_request` is 400.
    static final Why TWO =
            new Why(RefusalReason.BAD_REQUEST, "the request brings two different tokens");

    static final Why NO_KEYS = Why.overloaded("the keys of the issuer cannot be had now");

    private JwtFaults() {}
}

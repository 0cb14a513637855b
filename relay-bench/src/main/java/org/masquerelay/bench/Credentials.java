package org.masquerelay.bench;

import java.util.List;

/// What a request shows at the gate of [BenchedIngress].
public enum Credentials {
    /// Nothing: the answer is a challenge for each type of token.
    NOTHING("token"),
    /// A token of type 0x0002, never the same one twice in a row.
    TOKEN_BLIND_RSA("token"),
    /// A token of type 0x0001, which a virtual thread verifies.
    TOKEN_VOPRF("token"),
    /// A token of type 0x0002 that is spent, and found so after it has been verified.
    TOKEN_SPENT("token"),
    /// A certificate that the handshake has verified.
    CERTIFICATE("mtls"),
    /// Signed with RS256.
    JWT("jwt"),
    /// The password that was right a moment ago.
    PASSWORD_AGAIN("basic"),
    /// A password that has to be computed, which a virtual thread does.
    PASSWORD_FIRST("basic", "relay.auth.basic.cache-time=0s");

    private static final String NONE = "";

    private final String scheme;
    private final String setting;

    Credentials(String scheme) {
        this(scheme, NONE);
    }

    Credentials(String scheme, String setting) {
        this.scheme = scheme;
        this.setting = setting;
    }

    /// What an ingress is started with to take them.
    List<String> settings() {
        String admit = "relay.auth.admit=" + scheme;
        return setting.equals(NONE) ? List.of(admit) : List.of(admit, setting);
    }

    boolean areGood() {
        return this != NOTHING && this != TOKEN_SPENT;
    }
}

package org.masquerelay.gate.spent;

import java.util.Locale;

/// What becomes of tokens while the shared store cannot be asked.
public enum WhenUnavailable {
    /// Nobody enters with a token.
    FAIL_CLOSED,
    /// Tokens that this process has not seen itself pass, so that each passes at most once per
    /// ingress.
    FAIL_OPEN;

    /// As it is written in the configuration.
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

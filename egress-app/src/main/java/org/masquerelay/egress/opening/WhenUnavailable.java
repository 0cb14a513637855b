package org.masquerelay.egress.opening;

import java.util.Locale;

/// What becomes of openings while the shared store cannot be asked.
public enum WhenUnavailable {
    /// They are held to the limit by this relay alone, as by every other.
    FAIL_OPEN,
    /// No tenant opens a tunnel.
    FAIL_CLOSED;

    /// As it is written in the configuration.
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

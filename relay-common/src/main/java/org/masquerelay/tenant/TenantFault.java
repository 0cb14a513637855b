package org.masquerelay.tenant;

import java.util.Locale;

/// Why a `Relay-Tenant` field is not believed.
public enum TenantFault {
    /// Not one byte sequence of the right length, or more than one field.
    MALFORMED,
    /// Made with a key that this egress does not have.
    UNKNOWN_KEY,
    /// Changed, made for another request, or made by somebody without the key.
    FORGED,
    /// Made too long ago, or by a clock that is ahead.
    EXPIRED;

    /// The value of the `reason` tag of `masque.tenant.rejected`.
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}

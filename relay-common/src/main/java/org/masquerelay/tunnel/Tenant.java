package org.masquerelay.tunnel;

/// Whom a tunnel is opened for, as the policy and the limits of a relay know it: a SPIFFE ID, the
/// subject of a JWT, a user name, or a name that only tells tenants apart.
///
/// @param id 1 to 256 printable ASCII characters; never logged together with a target
public record Tenant(String id) {
    private static final int MAX_LENGTH = 256;

    public Tenant {
        if (!isValid(id)) {
            throw new IllegalArgumentException(
                    "tenant: "
                            + id.length()
                            + " characters (expected: 1 to "
                            + MAX_LENGTH
                            + ", all printable ASCII)");
        }
    }

    public static boolean isValid(String id) {
        return !id.isEmpty()
                && id.length() <= MAX_LENGTH
                && id.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    }
}

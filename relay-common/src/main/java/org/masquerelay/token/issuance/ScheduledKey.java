package org.masquerelay.token.issuance;

import java.time.Instant;

/// A key of an issuer, and when it is used.
///
/// @param notBefore when clients may begin to use it: [Instant#EPOCH] if they always may
/// @param notAfter when the issuer stops answering for it and listing it: [Instant#MAX] if never
public record ScheduledKey(IssuerKeyPair pair, Instant notBefore, Instant notAfter) {
    public ScheduledKey {
        if (!notBefore.isBefore(notAfter)) {
            throw new IllegalArgumentException(
                    "key from " + notBefore + " to " + notAfter + " (expected: some time)");
        }
    }

    public static ScheduledKey always(IssuerKeyPair pair) {
        return new ScheduledKey(pair, Instant.EPOCH, Instant.MAX);
    }

    boolean isRetired(Instant now) {
        return !now.isBefore(notAfter);
    }

    ScheduledKey retiredBy(Instant end) {
        boolean sooner = end.isBefore(notAfter) && notBefore.isBefore(end);
        return sooner ? new ScheduledKey(pair, notBefore, end) : this;
    }
}

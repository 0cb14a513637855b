package org.masquerelay.tenant;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.Tenant;

/// Names that tell tenants apart and nothing else: the same for one tenant all day (UTC), another
/// one the next day.
///
/// They are made with a secret of the ingress. If they were made with the key that the egress has
/// too, it could try the names of tenants one after the other. Safe on any thread: what crosses is
/// one immutable snapshot.
public final class OpaqueTenants implements UnaryOperator<Tenant> {
    /// Bytes of a secret.
    public static final int SECRET_LENGTH = 32;

    private static final String PREFIX = "opaque:";
    private static final String HMAC = "HmacSHA256";
    private static final byte[] DAY_INFO = "relay-tenant 1 opaque day".getBytes(US_ASCII);
    private static final int NAME_BYTES = 16;

    private final SecretKey secret;
    private final InstantSource clock;
    private volatile @Nullable Day current;

    private record Day(long number, SecretKey key) {}

    /// @throws IllegalArgumentException if the secret is not 32 bytes
    public OpaqueTenants(byte[] secret, InstantSource clock) {
        if (secret.length != SECRET_LENGTH) {
            throw new IllegalArgumentException(
                    "secret: " + secret.length + " bytes (expected: " + SECRET_LENGTH + ")");
        }
        this.secret = new SecretKeySpec(secret, "HKDF-SHA256");
        this.clock = clock;
    }

    @Override
    public Tenant apply(Tenant tenant) {
        try {
            var mac = Mac.getInstance(HMAC);
            mac.init(today().key());
            byte[] name = Arrays.copyOf(mac.doFinal(tenant.id().getBytes(US_ASCII)), NAME_BYTES);
            return new Tenant(
                    PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(name));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC is missing from this JDK", e);
        }
    }

    /// Whether the name may be one that an ingress has made so, of whatever day.
    public static boolean isOpaque(Tenant tenant) {
        return tenant.id().startsWith(PREFIX);
    }

    private Day today() {
        long number = clock.instant().getEpochSecond() / Duration.ofDays(1).toSeconds();
        var day = current;
        if (day == null || day.number() != number) {
            byte[] info =
                    ByteBuffer.allocate(DAY_INFO.length + Long.BYTES)
                            .put(DAY_INFO)
                            .putLong(number)
                            .array();
            var key = TenantKey.expand(secret, info, SECRET_LENGTH);
            day = new Day(number, new SecretKeySpec(key, HMAC));
            current = day;
        }
        return day;
    }
}

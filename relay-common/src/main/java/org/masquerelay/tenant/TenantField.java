package org.masquerelay.tenant;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.wire.HostPort;

/// The field `Relay-Tenant` of a request between two relays: one byte sequence (RFC 9651, section
/// 3.3.5), of the same length for every tenant.
///
/// ```text
/// version (1) = 1, key ID (8), salt (16), sealed (278): minute (4), length (2), tenant (256), tag (16)
/// ```
///
/// It is bound to the kind of tunnel and to its target, which both relays read off the request
/// whatever HTTP version carries it, and to the minute it was made in.
final class TenantField {
    static final String NAME = "relay-tenant";

    private static final byte VERSION = 1;
    private static final int MAX_TENANT = 256;
    private static final int PLAIN_LENGTH = Integer.BYTES + Short.BYTES + MAX_TENANT;
    private static final int LENGTH =
            1 + TenantKey.ID_LENGTH + TenantKey.SALT_LENGTH + PLAIN_LENGTH + TenantKey.TAG_LENGTH;
    private static final int TEXT_LENGTH = 2 + (LENGTH + 2) / 3 * 4;
    private static final int SECONDS_PER_MINUTE = 60;

    private TenantField() {}

    /// What the field is bound to.
    static byte[] associated(TunnelRequest request) {
        var target = request.scope().map(HostPort::toString).orElse("*");
        return (NAME + " 1 " + request.kind().name().toLowerCase(Locale.ROOT) + " " + target)
                .getBytes(US_ASCII);
    }

    /// Minutes since 1970.
    static int minute(InstantSource clock) {
        return (int) (clock.instant().getEpochSecond() / SECONDS_PER_MINUTE);
    }

    static String seal(TenantKey key, byte[] salt, byte[] associated, int minute, Tenant tenant) {
        byte[] id = tenant.id().getBytes(US_ASCII);
        byte[] plain =
                ByteBuffer.allocate(PLAIN_LENGTH)
                        .putInt(minute)
                        .putShort((short) id.length)
                        .put(id)
                        .array();
        byte[] field =
                ByteBuffer.allocate(LENGTH)
                        .put(VERSION)
                        .put(key.id())
                        .put(salt)
                        .put(key.seal(salt, associated, plain))
                        .array();
        return ":" + Base64.getEncoder().encodeToString(field) + ":";
    }

    /// The parts of a field that has not been believed yet.
    static final class Sealed {
        private final byte[] keyId;
        private final byte[] salt;
        private final byte[] sealed;

        private Sealed(byte[] keyId, byte[] salt, byte[] sealed) {
            this.keyId = keyId;
            this.salt = salt;
            this.sealed = sealed;
        }

        /// Null for what is no such field.
        static @Nullable Sealed parse(String text) {
            if (text.length() != TEXT_LENGTH || !text.startsWith(":") || !text.endsWith(":")) {
                return null;
            }
            byte[] field;
            try {
                field = Base64.getDecoder().decode(text.substring(1, text.length() - 1));
            } catch (IllegalArgumentException _) {
                return null;
            }
            if (field.length != LENGTH || field[0] != VERSION) {
                return null;
            }
            var buffer = ByteBuffer.wrap(field, 1, LENGTH - 1);
            return new Sealed(
                    take(buffer, TenantKey.ID_LENGTH),
                    take(buffer, TenantKey.SALT_LENGTH),
                    take(buffer, PLAIN_LENGTH + TenantKey.TAG_LENGTH));
        }

        boolean isMadeWith(TenantKey key) {
            return key.hasId(keyId);
        }

        /// @throws AEADBadTagException if it was not made with this key for this request
        Opened open(TenantKey key, byte[] associated) throws AEADBadTagException {
            return Opened.of(key.open(salt, associated, sealed));
        }
    }

    /// What was sealed.
    record Opened(int minute, Optional<Tenant> tenant) {
        static Opened of(byte[] plain) {
            var buffer = ByteBuffer.wrap(plain);
            int minute = buffer.getInt();
            int length = buffer.getShort();
            if (length < 1 || length > MAX_TENANT) {
                return new Opened(minute, Optional.empty());
            }
            var id = new String(take(buffer, length), US_ASCII);
            return new Opened(
                    minute, Tenant.isValid(id) ? Optional.of(new Tenant(id)) : Optional.empty());
        }
    }

    private static byte[] take(ByteBuffer from, int length) {
        byte[] taken = new byte[length];
        from.get(taken);
        return taken;
    }
}

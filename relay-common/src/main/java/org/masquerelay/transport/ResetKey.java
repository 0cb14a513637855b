package org.masquerelay.transport;

import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// What stateless reset tokens are made with (RFC 9000, section 10.3.2). A relay that is to be
/// noticed as restarted has the same one as before.
///
/// Each listener has a key of its own from it: were two alike, a packet that one gets with a
/// connection ID of the other's would be answered with the token that ends that connection.
public final class ResetKey {
    public static final int BYTES = 32;

    private static final String MAC = "HmacSHA256";

    private final byte[] bytes;

    public ResetKey(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("bytes: " + bytes.length + " (expected: 32)");
        }
        this.bytes = bytes.clone();
    }

    /// A key that lives as long as the private key of a listener, since nobody else has that. One
    /// that does not show itself, as in a security module, gives a key of this process alone.
    static ResetKey of(@Nullable PrivateKey key) {
        var encoded = key == null ? null : key.getEncoded();
        if (encoded == null) {
            var random = new byte[BYTES];
            new SecureRandom().nextBytes(random);
            return new ResetKey(random);
        }
        return new ResetKey(Hkdf.expand(encoded, "relay stateless reset", BYTES));
    }

    /// The key of the listener at `address`, which a restart does not change.
    ResetKey at(InetSocketAddress address) {
        var where = address.getAddress().getHostAddress() + " " + address.getPort();
        return new ResetKey(Hkdf.expand(bytes, "relay stateless reset at " + where, BYTES));
    }

    Mac mac() {
        try {
            var mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(bytes, MAC));
            return mac;
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every Java has " + MAC, missing);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ResetKey that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "ResetKey";
    }
}

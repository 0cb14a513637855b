package org.masquerelay.transport;

import io.netty.handler.codec.quic.QuicChannel;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLEngine;

/// The keys of header protection for the packets that a QUIC connection receives ([RFC 9001,
/// section 5.4](https://datatracker.ietf.org/doc/html/rfc9001#section-5.4)), one for each cipher
/// suite that its secret can belong to.
///
/// They stay the same when the keys of packets are updated (section 6), hide the numbers of packets
/// and their key phase, and nothing of what is in them. Immutable, for any thread.
final class HeaderKeys {
    private static final String FROM_CLIENT = "CLIENT_TRAFFIC_SECRET_0";
    private static final String FROM_SERVER = "SERVER_TRAFFIC_SECRET_0";

    /// The value of a connection's TLS session: first that they are wanted, then they themselves.
    private static final String VALUE = HeaderKeys.class.getName();

    private static final String LABEL = "quic hp";
    private static final int SHA256_BYTES = 32;
    private static final int AES_128_BYTES = 16;
    private static final int LONG_KEY_BYTES = 32;

    private final byte[] aes;
    private final byte[] chaCha20;

    /// @param secret the one that the first keys of the other side are made from; not kept
    HeaderKeys(byte[] secret) {
        aes = derive(secret, secret.length == SHA256_BYTES ? AES_128_BYTES : LONG_KEY_BYTES);
        chaCha20 = derive(secret, LONG_KEY_BYTES);
    }

    private static byte[] derive(byte[] secret, int length) {
        return Hkdf.expandLabel(secret, LABEL, new byte[0], length);
    }

    /// Before the handshake of a connection: [#of] is going to be asked.
    static void want(SSLEngine engine) {
        engine.getSession().putValue(VALUE, Wanted.YES);
    }

    private enum Wanted {
        YES
    }

    /// Keeps those that come from a line of the connection's key log, if they are wanted, and
    /// nothing else of it.
    static void keep(SSLEngine engine, String line) {
        var session = engine.getSession();
        if (session.getValue(VALUE) == Wanted.YES) {
            KeyLog.secret(line, engine.getUseClientMode() ? FROM_SERVER : FROM_CLIENT)
                    .ifPresent(secret -> {
                        session.putValue(VALUE, new HeaderKeys(secret));
                        Arrays.fill(secret, (byte) 0);
                    });
        }
    }

    /// What the headers of packets are protected with that reach the connection, once; nothing
    /// before its handshake is complete, or when they were not wanted.
    static Optional<HeaderProtection> of(QuicChannel quic) {
        var engine = quic.sslEngine();
        if (engine == null || !quic.isActive()) {
            return Optional.empty();
        }
        var session = engine.getSession();
        if (session.getValue(VALUE) instanceof HeaderKeys keys) {
            session.removeValue(VALUE);
            return Optional.of(keys.forSuite(session.getCipherSuite()));
        }
        return Optional.empty();
    }

    /// @param suite the cipher suite of TLS 1.3 that was agreed on
    HeaderProtection forSuite(String suite) {
        return suite.contains("CHACHA20")
                ? HeaderProtection.chaCha20(chaCha20)
                : HeaderProtection.aes(aes);
    }

    @Override
    public String toString() {
        return "HeaderKeys";
    }
}

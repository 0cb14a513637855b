package org.masquerelay.transport;

import io.netty.handler.codec.quic.QuicResetTokenGenerator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.crypto.Mac;

/// Stateless reset tokens: each a MAC of its connection ID, so that they need not be remembered
/// (RFC 9000, section 10.3.2). Confined to an event loop.
final class ResetTokens implements QuicResetTokenGenerator {
    static final int BYTES = 16;

    private final Mac mac;

    ResetTokens(ResetKey key) {
        this.mac = key.mac();
    }

    @Override
    public ByteBuffer newResetToken(ByteBuffer connectionId) {
        return ByteBuffer.wrap(of(connectionId));
    }

    byte[] of(ByteBuffer connectionId) {
        mac.update(connectionId);
        return Arrays.copyOf(mac.doFinal(), BYTES);
    }
}

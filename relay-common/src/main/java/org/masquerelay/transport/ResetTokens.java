package org.masquerelay.transport;

import io.netty.handler.codec.quic.QuicResetTokenGenerator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Supplier;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/// Stateless reset tokens: each a MAC of its connection ID, so that they need not be remembered
/// (RFC 9000, section 10.3.2). Confined to an event loop.
final class ResetTokens implements QuicResetTokenGenerator {
    static final int BYTES = 16;

    private final Supplier<ResetKey> key;
    private @Nullable Mac mac;

    /// @param key asked for once, with the first token
    ResetTokens(Supplier<ResetKey> key) {
        this.key = key;
    }

    @Override
    public ByteBuffer newResetToken(ByteBuffer connectionId) {
        return ByteBuffer.wrap(of(connectionId));
    }

    byte[] of(ByteBuffer connectionId) {
        var keyed = keyed();
        keyed.update(connectionId);
        return Arrays.copyOf(keyed.doFinal(), BYTES);
    }

    private Mac keyed() {
        var keyed = mac;
        if (keyed == null) {
            keyed = key.get().mac();
            mac = keyed;
        }
        return keyed;
    }
}

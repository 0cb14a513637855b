package org.masquerelay.gate.token;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.masquerelay.gate.Admission;
import org.masquerelay.token.SpentTokenStore.Reserved;
import org.masquerelay.token.Token;

/// A token on its way to being spent.
///
/// A store may answer late and on a thread of its own, after the request was refused: what it
/// reserves then is given back at once.
final class Redemption implements Admission.Credential {
    private static final Reserved SETTLED =
            new Reserved() {
                @Override
                public void commit() {}

                @Override
                public void release() {}
            };

    private final Token token;
    private final AtomicReference<@Nullable Reserved> held = new AtomicReference<>();

    Redemption(Token token) {
        this.token = token;
    }

    Token token() {
        return token;
    }

    /// Takes over what the store reserved.
    void hold(Reserved reserved) {
        if (!held.compareAndSet(null, reserved)) {
            reserved.release();
        }
    }

    @Override
    public void spend() {
        var reserved = held.getAndSet(SETTLED);
        if (reserved != null) {
            reserved.commit();
        }
    }

    @Override
    public void giveBack() {
        var reserved = held.getAndSet(SETTLED);
        if (reserved != null) {
            reserved.release();
        }
    }
}

package org.masquerelay.signature;

import java.time.Instant;
import java.util.concurrent.CompletionStage;

/// Lets every nonce of a key pass once, while its signature is young enough to pass at all.
///
/// An embedding application may share one store among many relays; the stage allows it to ask over
/// the network.
public interface NonceStore {

    /// Takes the nonce, of a signature that was verified, until the time given. Never fails for a
    /// used nonce or a full store: those are values. A stage that completes exceptionally means
    /// that the store cannot be asked, and the signature must not pass.
    CompletionStage<Claim> claim(String keyId, String nonce, Instant until);

    /// What became of the wish to use a nonce.
    enum Claim {
        FRESH,
        USED,
        /// No memory is left for a further nonce of this key.
        FULL
    }
}

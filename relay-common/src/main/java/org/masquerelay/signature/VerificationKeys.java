package org.masquerelay.signature;

import java.util.Optional;

/// The keys whose signatures are accepted.
@FunctionalInterface
public interface VerificationKeys {
    /// Any thread, and without waiting.
    Optional<VerificationKey> find(String keyId);
}

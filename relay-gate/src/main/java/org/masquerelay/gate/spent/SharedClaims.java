package org.masquerelay.gate.spent;

import reactor.core.publisher.Mono;

/// The claims of all ingresses, in one place that may be away.
///
/// Nothing here blocks. Each call ends within the time-out of the store, with an error if the
/// answer is not known by then; whether it has had its effect is then not known either, and it may
/// still have it later.
interface SharedClaims {
    /// Puts the claim on its key unless another one is there. Asked again for the same claim, it
    /// says the same: a connection may send a command twice.
    Mono<Boolean> take(Claim claim);

    /// Takes the claim off its key, if it is the one there.
    Mono<Void> free(Claim claim);

    /// Succeeds once the place answers, and connects to it if need be. On one connection it is
    /// answered after everything asked before.
    Mono<Void> reach();
}

package org.masquerelay.token;

import java.util.concurrent.CompletionStage;

/// Lets every token pass once.
///
/// A token is reserved before its request is decided, so that of concurrent duplicates one wins,
/// and committed or released after: a request that fails for the relay's own reasons does not burn
/// the client's token. An embedding application may share one store among many relays; the stage
/// allows it to ask over the network.
public interface SpentTokenStore {

    /// Never fails for a duplicate or a full store: those are values. A stage that completes
    /// exceptionally means that the store cannot be asked, and the token must not pass.
    CompletionStage<Reservation> reserve(Token token);

    /// What became of the wish to spend a token.
    sealed interface Reservation permits Reserved, AlreadySpent, Full {}

    /// The token is the caller's, to be settled exactly once; further calls do nothing. Left
    /// unsettled, it counts as spent.
    non-sealed interface Reserved extends Reservation {
        /// The token was used.
        void commit();

        /// The token was not used and may come again.
        void release();
    }

    /// The token was spent, is just being spent, or belongs to a challenge whose spent tokens are
    /// forgotten.
    record AlreadySpent() implements Reservation {}

    /// No memory is left to notice the second spending of this token, so the first is refused too.
    record Full() implements Reservation {}
}

package org.masquerelay.cli.token;

import java.io.IOException;
import org.masquerelay.token.Token;

/// Where tokens come from. Safe for use by several threads.
public interface TokenSource {
    /// A token, given out once, for one of the challenges.
    Token fetch(Challenges challenges) throws IOException;

    /// The relay has not taken a token: others of the same age may be as bad.
    default void distrust() {}
}

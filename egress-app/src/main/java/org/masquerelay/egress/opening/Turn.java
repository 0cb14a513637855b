package org.masquerelay.egress.opening;

/// Whether a tenant may open a tunnel now.
public sealed interface Turn {
    /// It may, and this is counted as opened.
    record Granted() implements Turn {
        static final Granted INSTANCE = new Granted();
    }

    /// It has opened as many as it may.
    ///
    /// @param seconds after which it may open one; 1 or more
    record Later(long seconds) implements Turn {}

    /// Nobody can say, and so it may not.
    record Unknown() implements Turn {
        static final Unknown INSTANCE = new Unknown();
    }

    /// The event loop has ended, and the client with it. Said on another thread.
    record Gone() implements Turn {
        static final Gone INSTANCE = new Gone();
    }
}

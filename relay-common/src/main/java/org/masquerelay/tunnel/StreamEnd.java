package org.masquerelay.tunnel;

/// How a [TunnelStream] came to its end.
public enum StreamEnd {
    /// Both directions were finished.
    FINISHED,
    /// One side gave up before that.
    RESET,
    /// The connection beneath went away before that; nobody had given up this stream.
    LOST
}

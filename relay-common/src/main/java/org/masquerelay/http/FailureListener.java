package org.masquerelay.http;

/// Hears that a request got no answer.
public interface FailureListener {
    /// No answer comes: the connection, or the stream, ended before.
    void failed(RelayConnection.Failure failure);
}

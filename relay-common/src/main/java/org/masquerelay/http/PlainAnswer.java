package org.masquerelay.http;

/// Receives the outcome of an ordinary request: exactly one call of one method.
public interface PlainAnswer extends FailureListener {
    void answered(PlainResponse response);
}

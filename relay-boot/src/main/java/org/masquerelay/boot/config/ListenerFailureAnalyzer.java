package org.masquerelay.boot.config;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Says which address is taken and which property moves the listener elsewhere.
final class ListenerFailureAnalyzer extends AbstractFailureAnalyzer<ListenerUnavailableException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, ListenerUnavailableException cause) {
        return new FailureAnalysis(
                cause.getMessage() + ".",
                "End the process that uses the port, or change relay.listeners[].port or"
                        + " relay.listeners[].address.",
                cause);
    }
}

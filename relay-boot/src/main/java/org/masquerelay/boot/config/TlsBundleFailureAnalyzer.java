package org.masquerelay.boot.config;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// Says which bundle is at fault and where it is defined.
final class TlsBundleFailureAnalyzer extends AbstractFailureAnalyzer<TlsBundleException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, TlsBundleException cause) {
        return new FailureAnalysis(
                cause.getMessage() + ".",
                "Define it under spring.ssl.bundle.pem."
                        + cause.bundle()
                        + " with files this process can read, or leave "
                        + cause.property()
                        + " empty to run with the development certificates.",
                cause);
    }
}

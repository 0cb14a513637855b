package org.masquerelay.boot.config;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/// Says which SSL bundle with `reload-on-update` has files that are not there: Spring Boot looks
/// for them before the relay does.
final class UnwatchableBundleFailureAnalyzer implements FailureAnalyzer {
    private static final String MESSAGE = "Unable to register SSL bundle '";
    private static final int MAX_DEPTH = 32;

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        @Nullable Throwable cause = failure;
        for (int depth = 0; depth < MAX_DEPTH && cause != null; depth++) {
            String message = cause.getMessage();
            if (message != null && message.startsWith(MESSAGE)) {
                return analysis(message.substring(MESSAGE.length(), message.length() - 1), cause);
            }
            cause = cause.getCause();
        }
        return null;
    }

    private static FailureAnalysis analysis(String bundle, Throwable cause) {
        return new FailureAnalysis(
                "The SSL bundle \""
                        + bundle
                        + "\" cannot be watched for updates: "
                        + Reasons.innermost(cause)
                        + ".",
                "Check the files named under spring.ssl.bundle.pem." + bundle + ".",
                cause);
    }
}

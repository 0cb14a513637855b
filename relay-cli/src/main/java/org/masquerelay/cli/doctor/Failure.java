package org.masquerelay.cli.doctor;

import java.net.PortUnreachableException;

/// Failures in words.
final class Failure {
    private Failure() {}

    /// The first line of what it says, and what it is if it says nothing.
    static String text(Throwable failure) {
        if (failure instanceof PortUnreachableException) {
            return "nobody listens there";
        }
        String message = failure.getMessage();
        return message == null || message.isBlank()
                ? failure.getClass().getSimpleName()
                : message.lines().findFirst().orElse(message);
    }
}

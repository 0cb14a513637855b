package org.masquerelay.cli.doctor;

/// Failures in words.
final class Failure {
    private Failure() {}

    /// The first line of what it says, and what it is if it says nothing.
    static String text(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank()
                ? failure.getClass().getSimpleName()
                : message.lines().findFirst().orElse(message);
    }
}

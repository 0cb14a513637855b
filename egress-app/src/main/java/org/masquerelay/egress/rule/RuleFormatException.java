package org.masquerelay.egress.rule;

/// A rule, or a file of rules, is not of the form it has to be.
///
/// The message is the end of a sentence, and repeats nothing of the rule: it goes into the log.
public final class RuleFormatException extends Exception {
    public RuleFormatException(String message) {
        super(message);
    }

    /// @param line counts from 1
    public RuleFormatException(int line, String message) {
        super("line " + line + ": " + message);
    }
}

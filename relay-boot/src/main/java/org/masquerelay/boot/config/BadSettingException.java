package org.masquerelay.boot.config;

/// A property has a value the relay cannot start with.
public final class BadSettingException extends RuntimeException {
    private final String property;
    private final String action;

    /// @param problem what is wrong with the value, as the end of a sentence that starts with the
    ///   property
    /// @param action which values are allowed
    public BadSettingException(String property, String problem, String action) {
        super(property + " " + problem);
        this.property = property;
        this.action = action;
    }

    public String property() {
        return property;
    }

    public String action() {
        return action;
    }
}

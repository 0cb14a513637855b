package org.masquerelay.boot.config;

import java.net.BindException;

/// A listener cannot be bound to its address.
public final class ListenerUnavailableException extends RuntimeException {
    /// @param listeners name and address of the listeners that were to be bound
    public ListenerUnavailableException(String listeners, BindException cause) {
        super("The relay cannot listen on " + listeners + ": " + cause.getMessage(), cause);
    }
}

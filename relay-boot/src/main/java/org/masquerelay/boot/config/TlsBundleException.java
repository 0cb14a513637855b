package org.masquerelay.boot.config;

import org.jspecify.annotations.Nullable;

/// An SSL bundle does not hold what a hop needs.
public final class TlsBundleException extends RuntimeException {
    private final String property;
    private final String bundle;

    TlsBundleException(String property, String bundle, String problem, @Nullable Throwable cause) {
        super(property + " names the SSL bundle \"" + bundle + "\", which " + problem, cause);
        this.property = property;
        this.bundle = bundle;
    }

    public String property() {
        return property;
    }

    public String bundle() {
        return bundle;
    }
}

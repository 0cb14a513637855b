package org.masquerelay.boot.mistake;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.BindException;

/// Starts an app, for its `main`.
public final class Start {
    /// EX_CONFIG of sysexits.h: the same settings will fail again, so that nobody starts it anew.
    private static final int MISCONFIGURED = 78;

    private Start() {}

    /// Ends the process where a setting is one that cannot be. What may change by itself, such as a
    /// file, an address or a port, ends it as any failure does.
    public static void run(Class<?> app, String[] arguments) {
        try {
            SpringApplication.run(app, arguments);
        } catch (RuntimeException failure) {
            if (isMistake(failure)) {
                System.exit(MISCONFIGURED);
            }
            throw failure;
        }
    }

    private static boolean isMistake(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException binding) {
                return BindingFailureAnalyzer.isMistake(binding);
            }
        }
        return false;
    }
}

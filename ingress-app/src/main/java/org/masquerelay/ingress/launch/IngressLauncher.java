package org.masquerelay.ingress.launch;

import org.masquerelay.ingress.IngressApp;

/// The main class of the jar: compiled for an old Java, so that it can tell that a newer one is
/// needed. Nothing of the relay is loaded before that.
public final class IngressLauncher {
    private static final int JAVA = 25;

    /// EX_CONFIG of sysexits.h.
    private static final int MISCONFIGURED = 78;

    private IngressLauncher() {}

    public static void main(String[] args) {
        if (Runtime.version().feature() < JAVA) {
            System.err.println(
                    "ingress: needs Java 25 or newer, but this is Java " + Runtime.version() + ".");
            System.exit(MISCONFIGURED);
        }
        IngressApp.main(args);
    }
}

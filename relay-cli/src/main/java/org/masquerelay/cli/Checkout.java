package org.masquerelay.cli;

import java.nio.file.Path;

/// Where the relay's jars are, and where the command line keeps its files.
///
/// @param directory that of the launcher, which says so in the property `relay.checkout`
record Checkout(Path directory) {
    static Checkout here() {
        String told = System.getProperty("relay.checkout", "");
        return new Checkout(Path.of(told).toAbsolutePath().normalize());
    }

    Path ingressJar() {
        return directory.resolve("ingress-app/target/ingress-app-exec.jar");
    }

    Path egressJar() {
        return directory.resolve("egress-app/target/egress-app-exec.jar");
    }

    /// The command line itself, for what it runs as processes of their own.
    Path cliJar() {
        return directory.resolve("relay-cli/target/relay-cli-exec.jar");
    }

    /// What a running stack of this checkout leaves on the disk; not under version control.
    Path state() {
        return directory.resolve(".relay");
    }

    /// What the certificate of a stack started by `up` is signed with.
    Path developmentCa() {
        return state().resolve("pki/server-ca.crt");
    }
}

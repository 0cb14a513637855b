package org.masquerelay.transport;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.masquerelay.pki.DevelopmentPki;

/// The certificates of two worlds that do not trust each other.
record TestTls(DevelopmentPki own, DevelopmentPki foreign) {
    static TestTls in(Path directory) throws IOException {
        return new TestTls(
                DevelopmentPki.open(directory.resolve("own"), Clock.systemUTC()),
                DevelopmentPki.open(directory.resolve("foreign"), Clock.systemUTC()));
    }

    /// For localhost; asks for certificates of [#client].
    TlsMaterial server() {
        return own.egressServer();
    }

    TlsMaterial client() {
        return own.ingressUpstream();
    }

    /// Trusts our servers, and shows what another authority has signed.
    TlsMaterial stranger() {
        var shown = foreign.ingressUpstream();
        return new TlsMaterial(shown.key(), shown.chain(), client().anchors());
    }

    TlsMaterial without() {
        return new TlsMaterial(null, List.of(), client().anchors());
    }
}

package org.masquerelay.transport;

import java.io.IOException;

/// Why a connection to the next hop over TCP did not come about. The cause has the details, which
/// may name the peer.
public final class DialException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    /// What went wrong.
    public enum Kind {
        /// The connection was refused, or there is no way to the peer.
        UNREACHABLE("the peer cannot be reached"),
        /// TCP and TLS together took too long.
        TIMEOUT("the connection took too long"),
        /// The handshake failed; the cause is a [javax.net.ssl.SSLException].
        TLS("the TLS handshake failed"),
        /// The peer speaks none of the HTTP versions that were offered.
        NO_COMMON_PROTOCOL("the peer speaks none of the HTTP versions offered");

        private final String sentence;

        Kind(String sentence) {
            this.sentence = sentence;
        }
    }

    DialException(Kind kind) {
        super(kind.sentence);
        this.kind = kind;
    }

    DialException(Kind kind, Throwable cause) {
        super(kind.sentence, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}

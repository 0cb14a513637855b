package org.masquerelay.client;

import java.io.IOException;

/// There was no TLS connection to the relay: mostly because its certificate is signed by nobody
/// whom the client trusts.
public final class UntrustedRelayException extends IOException {
    private static final long serialVersionUID = 1L;

    UntrustedRelayException(String sentence) {
        super(sentence);
    }
}

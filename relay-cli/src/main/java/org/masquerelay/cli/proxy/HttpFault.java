package org.masquerelay.cli.proxy;

import java.io.IOException;

/// A request that is answered with an error.
final class HttpFault extends IOException {
    private final int status;

    /// @param sentence for the client to read
    HttpFault(int status, String sentence) {
        super(sentence);
        this.status = status;
    }

    int status() {
        return status;
    }

    String sentence() {
        return String.valueOf(getMessage());
    }
}

package org.masquerelay.pki;

import java.io.IOException;

/// A PEM text does not hold what it should; the message says what, and quotes nothing of it.
public final class PemException extends IOException {
    PemException(String message) {
        super(message);
    }

    PemException(String message, Throwable cause) {
        super(message, cause);
    }
}

package org.masquerelay.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.issuance.IssuerKeySet;
import org.masquerelay.token.issuance.IssuerKeySet.Rotation;
import org.masquerelay.token.keys.IssuerKeyStore;

/// Changes the keys in an issuer's file.
///
/// @param password of PKCS#12; empty for PEM
record KeyRotation(Path file, String password) {

    /// A key of each type, good at once.
    IssuerKeySet first() throws CommandFailure, IOException {
        IssuerKeySet keys = IssuerKeySet.of();
        for (var type : TokenType.values()) {
            keys = rotate(type, Duration.ZERO, Duration.ZERO);
        }
        return keys;
    }

    /// A new key that clients begin to use after `activeIn`, or at once if there was none of its
    /// type; the older ones go `overlap` later.
    IssuerKeySet rotate(TokenType type, Duration activeIn, Duration overlap)
            throws CommandFailure, IOException {
        var random = new SecureRandom();
        var now = Clock.systemUTC().instant();
        try {
            return store().update(keys -> {
                boolean isFirst = keys.keys().stream().noneMatch(key -> key.pair().type() == type);
                var activeAt = isFirst ? now : now.plus(activeIn);
                return keys.rotate(new Rotation(type, activeAt, overlap), now, random);
            });
        } catch (TokenFormatException e) {
            throw CommandFailure.failed(file + " does not hold issuer keys: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw CommandFailure.failed("no new key: " + e.getMessage());
        }
    }

    private IssuerKeyStore store() {
        return password.isEmpty()
                ? IssuerKeyStore.pem(file)
                : IssuerKeyStore.pkcs12(file, password.toCharArray());
    }
}

package org.masquerelay.gate.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.token.ImmutableBytes;

/// Reads what challenges are derived from.
final class ChallengeSecret {
    static final String PROPERTY = "relay.auth.challenge-secret";

    private static final String FILE = "file:";
    private static final int LENGTH = 32;

    private ChallengeSecret() {}

    /// A new one where none is configured: what this process has forgotten of spent tokens at its
    /// start is then worth nothing.
    static ImmutableBytes of(AuthProperties auth) {
        if (auth.challengeSecret().isBlank()) {
            byte[] secret = new byte[LENGTH];
            new SecureRandom().nextBytes(secret);
            return ImmutableBytes.copyOf(secret);
        }
        return parse(auth.challengeSecret());
    }

    private static ImmutableBytes parse(String text) {
        try {
            String content =
                    text.startsWith(FILE)
                            ? Files.readString(Path.of(text.substring(FILE.length())))
                            : text;
            byte[] secret = Base64.getDecoder().decode(content.strip());
            if (secret.length < LENGTH) {
                throw unusable("is shorter than " + LENGTH + " bytes");
            }
            return ImmutableBytes.copyOf(secret);
        } catch (IOException e) {
            throw unusable("cannot be read: " + e.getMessage());
        } catch (IllegalArgumentException _) {
            // Its message could quote the secret.
            throw unusable("is not base64");
        }
    }

    private static BadSettingException unusable(String problem) {
        return new BadSettingException(
                PROPERTY,
                problem,
                "Set it to what openssl rand -base64 32 prints, or to file: and a path to that");
    }
}

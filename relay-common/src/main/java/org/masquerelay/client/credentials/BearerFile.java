package org.masquerelay.client.credentials;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.masquerelay.http.RequestCredentials;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;

/// The bearer token of a file ([RFC 6750](https://datatracker.ietf.org/doc/html/rfc6750)), read for
/// each request: who runs for long puts a new one there before the old one expires.
public final class BearerFile implements RequestCredentials {
    /// More than any relay takes.
    private static final int MAX_BYTES = 32 * 1024;

    private final Path file;
    private volatile String value = "";

    /// Reads nothing yet.
    public BearerFile(Path file) {
        this.file = file;
    }

    /// @throws IOException when the file cannot be read or has no token
    @Override
    public void refresh() throws IOException {
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES);
        }
        var token = new String(bytes, ISO_8859_1).strip();
        // RFC 6750, section 2.1.
        if (!token.matches("[A-Za-z0-9._~+/-]+=*")) {
            throw new IOException(file + " has no bearer token, which is one word");
        }
        value = "Bearer " + token;
    }

    @Override
    public Optional<HeaderFields> on(RequestHead request, Line line) {
        return value.isEmpty() ? Optional.empty() : CredentialField.add(request, value);
    }
}

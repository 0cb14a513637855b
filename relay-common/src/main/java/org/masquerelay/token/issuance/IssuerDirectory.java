package org.masquerelay.token.issuance;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenType;

/// Where to ask an issuer for tokens, and with which keys it makes them ([RFC 9578, section
/// 4](https://datatracker.ietf.org/doc/html/rfc9578#section-4)).
///
/// Holds the keys of known token types only, in the order of the issuer's preference.
public record IssuerDirectory(URI issuerRequestUri, List<Entry> tokenKeys) {
    public static final String PATH = "/.well-known/private-token-issuer-directory";
    public static final String MEDIA_TYPE = "application/private-token-issuer-directory";

    public IssuerDirectory {
        tokenKeys = List.copyOf(tokenKeys);
    }

    /// A key, and when clients may begin to use it: [Instant#EPOCH] if nothing is said.
    public record Entry(IssuerKey key, Instant notBefore) {
        public static Entry usable(IssuerKey key) {
            return new Entry(key, Instant.EPOCH);
        }
    }

    public static IssuerDirectory parse(byte[] json) throws TokenFormatException {
        return IssuerDirectoryReader.read(json);
    }

    public byte[] toJson() {
        return IssuerDirectoryWriter.write(this);
    }

    /// The request URI, which may be relative to the directory's own.
    public URI requestUri(URI directoryUri) {
        return directoryUri.resolve(issuerRequestUri);
    }

    /// The key a client should use now.
    public Optional<IssuerKey> preferredKey(TokenType type, Instant now) {
        return tokenKeys.stream()
                .filter(entry -> entry.key().type() == type && !entry.notBefore().isAfter(now))
                .map(Entry::key)
                .findFirst();
    }

    /// All keys, for whoever verifies: a client's clock may differ, so `notBefore` does not count.
    public List<IssuerKey> keys() {
        return tokenKeys.stream().map(Entry::key).toList();
    }
}

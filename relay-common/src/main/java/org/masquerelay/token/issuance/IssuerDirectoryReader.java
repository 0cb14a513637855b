package org.masquerelay.token.issuance;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.token.Base64Url;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.TokenType;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// Reads the JSON of an [IssuerDirectory]: strict about JSON and the fields it knows, silent about
/// others.
final class IssuerDirectoryReader {
    static final String REQUEST_URI = "issuer-request-uri";
    static final String TOKEN_KEYS = "token-keys";
    static final String TOKEN_TYPE = "token-type";
    static final String TOKEN_KEY = "token-key";
    static final String NOT_BEFORE = "not-before";

    /// Tuning: a key takes 500 characters, and an issuer in rotation has a handful.
    private static final int MAX_LENGTH = 64 * 1024;

    private static final int MAX_DEPTH = 16;
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxDocumentLength(MAX_LENGTH)
                                    .maxNestingDepth(MAX_DEPTH)
                                    .build())
                    .build();

    private final JsonParser json;

    private IssuerDirectoryReader(JsonParser json) {
        this.json = json;
    }

    static IssuerDirectory read(byte[] text) throws TokenFormatException {
        if (text.length > MAX_LENGTH) {
            throw broken();
        }
        try (var json = JSON.createParser(ObjectReadContext.empty(), text)) {
            var directory = new IssuerDirectoryReader(json).directory();
            if (json.nextToken() != null) {
                throw broken();
            }
            return directory;
        } catch (JacksonException e) {
            throw broken();
        }
    }

    private IssuerDirectory directory() throws TokenFormatException {
        URI requestUri = null;
        List<IssuerDirectory.Entry> keys = null;
        expect(json.nextToken(), JsonToken.START_OBJECT);
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            var value = json.nextToken();
            switch (name) {
                case REQUEST_URI -> requestUri = uri(text(value));
                case TOKEN_KEYS -> keys = entries(value);
                default -> json.skipChildren();
            }
        }
        if (requestUri == null || keys == null) {
            throw broken();
        }
        return new IssuerDirectory(requestUri, keys);
    }

    private List<IssuerDirectory.Entry> entries(JsonToken start) throws TokenFormatException {
        expect(start, JsonToken.START_ARRAY);
        var entries = new ArrayList<IssuerDirectory.Entry>();
        for (var next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
            expect(next, JsonToken.START_OBJECT);
            var entry = entryOrNull();
            if (entry != null) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /// Null for a token type that is not known here: its key is not looked at.
    private IssuerDirectory.@Nullable Entry entryOrNull() throws TokenFormatException {
        long tokenType = -1;
        String tokenKey = null;
        long notBefore = 0;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            var value = json.nextToken();
            switch (name) {
                case TOKEN_TYPE -> tokenType = number(value);
                case TOKEN_KEY -> tokenKey = text(value);
                case NOT_BEFORE -> notBefore = number(value);
                default -> json.skipChildren();
            }
        }
        if (tokenType < 0 || tokenKey == null) {
            throw broken();
        }
        var type = tokenType > 0xffff ? null : TokenType.of((int) tokenType).orElse(null);
        return type == null
                ? null
                : new IssuerDirectory.Entry(
                        IssuerKey.parse(type, Base64Url.decode(tokenKey)),
                        Instant.ofEpochSecond(notBefore));
    }

    private String text(JsonToken value) throws TokenFormatException {
        expect(value, JsonToken.VALUE_STRING);
        return json.getString();
    }

    /// Any number that is not negative and small enough for an [Instant].
    private long number(JsonToken value) throws TokenFormatException {
        expect(value, JsonToken.VALUE_NUMBER_INT);
        long number = json.getLongValue();
        if (number < 0 || number > Instant.MAX.getEpochSecond()) {
            throw broken();
        }
        return number;
    }

    private static URI uri(String text) throws TokenFormatException {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw broken();
        }
    }

    private static void expect(@Nullable JsonToken actual, JsonToken expected)
            throws TokenFormatException {
        if (actual != expected) {
            throw broken();
        }
    }

    private static TokenFormatException broken() {
        return new TokenFormatException(Fault.DIRECTORY);
    }
}

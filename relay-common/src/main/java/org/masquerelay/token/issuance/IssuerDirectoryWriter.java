package org.masquerelay.token.issuance;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import org.masquerelay.token.Base64Url;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Writes the JSON of an [IssuerDirectory].
final class IssuerDirectoryWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private IssuerDirectoryWriter() {}

    static byte[] write(IssuerDirectory directory) {
        var out = new ByteArrayOutputStream();
        try (var json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty(
                    IssuerDirectoryReader.REQUEST_URI, directory.issuerRequestUri().toString());
            json.writeArrayPropertyStart(IssuerDirectoryReader.TOKEN_KEYS);
            directory.tokenKeys().forEach(entry -> write(entry, json));
            json.writeEndArray();
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static void write(IssuerDirectory.Entry entry, JsonGenerator json) {
        json.writeStartObject();
        json.writeNumberProperty(IssuerDirectoryReader.TOKEN_TYPE, entry.key().type().code());
        json.writeStringProperty(
                IssuerDirectoryReader.TOKEN_KEY, Base64Url.encode(entry.key().encoded().toArray()));
        if (!entry.notBefore().equals(Instant.EPOCH)) {
            json.writeNumberProperty(
                    IssuerDirectoryReader.NOT_BEFORE, entry.notBefore().getEpochSecond());
        }
        json.writeEndObject();
    }
}

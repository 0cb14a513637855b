package org.masquerelay.token;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// The test vectors under `src/test/resources/vectors`: lists of named texts, most of them in hex.
public record Vectors(Map<String, String> fields) {

    public static List<Vectors> read(String file) {
        var vectors = new ArrayList<Vectors>();
        try (var in = Vectors.class.getResourceAsStream("/vectors/" + file);
                var json = new JsonFactory().createParser(ObjectReadContext.empty(), in)) {
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.START_ARRAY) {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        var fields = new LinkedHashMap<String, String>();
                        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                            String name = json.currentName();
                            json.nextToken();
                            fields.put(name, json.getString());
                        }
                        vectors.add(new Vectors(fields));
                    }
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(file, e);
        }
        return vectors;
    }

    public String text(String name) {
        return Objects.requireNonNull(fields.get(name), name);
    }

    public byte[] hex(String name) {
        return HexFormat.of().parseHex(text(name));
    }

    public ImmutableBytes bytes(String name) {
        return ImmutableBytes.copyOf(hex(name));
    }

    @Override
    public String toString() {
        return fields.getOrDefault("name", "vector");
    }
}

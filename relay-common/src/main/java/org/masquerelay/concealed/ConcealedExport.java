package org.masquerelay.concealed;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.KeyExporter;

/// What both ends export for one key and one origin ([RFC 9729, section
/// 3](https://datatracker.ietf.org/doc/html/rfc9729#section-3)).
///
/// @param signatureInput 32 bytes
/// @param verification 16 bytes
record ConcealedExport(ImmutableBytes signatureInput, ImmutableBytes verification) {
    static final String LABEL = "EXPORTER-HTTP-Concealed-Authentication";
    static final int INPUT_BYTES = 32;
    static final int VERIFICATION_BYTES = 16;

    /// What a connection without an exporter is judged by: nothing matches it.
    static final ConcealedExport NONE =
            new ConcealedExport(
                    ImmutableBytes.copyOf(new byte[INPUT_BYTES]),
                    ImmutableBytes.copyOf(new byte[VERIFICATION_BYTES]));

    private static final int PREFIX_BYTES = 64;
    private static final byte PREFIX = 0x20;
    private static final String CONTEXT = "HTTP Concealed Authentication";

    static Optional<ConcealedExport> of(KeyExporter exporter, byte[] context) {
        return exporter.export(LABEL, context, INPUT_BYTES + VERIFICATION_BYTES)
                .map(bytes ->
                        new ConcealedExport(
                                ImmutableBytes.copyOfRange(bytes, 0, INPUT_BYTES),
                                ImmutableBytes.copyOfRange(bytes, INPUT_BYTES, bytes.length)));
    }

    /// The context of the exporter (section 3.1).
    static byte[] context(
            int scheme,
            ImmutableBytes keyId,
            ImmutableBytes publicKey,
            RequestOrigin origin,
            String realm) {
        var out = new ByteArrayOutputStream();
        put16(out, scheme);
        put(out, keyId.toArray());
        put(out, publicKey.toArray());
        put(out, bytes(origin.scheme()));
        put(out, bytes(origin.host()));
        put16(out, origin.port());
        put(out, bytes(realm));
        return out.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void put16(ByteArrayOutputStream out, int value) {
        out.write(value >>> 8);
        out.write(value);
    }

    /// The length as the shortest variable-length integer (RFC 9000, section 16), and the bytes. A
    /// field of a request has not so many that two bytes would not do.
    private static void put(ByteArrayOutputStream out, byte[] bytes) {
        if (bytes.length < 0x40) {
            out.write(bytes.length);
        } else if (bytes.length < 0x4000) {
            put16(out, 0x4000 | bytes.length);
        } else {
            throw new IllegalArgumentException(
                    "length: " + bytes.length + " (expected: less than 16384)");
        }
        out.writeBytes(bytes);
    }

    /// What is signed (section 3.3).
    byte[] signed() {
        var out = new ByteArrayOutputStream();
        var prefix = new byte[PREFIX_BYTES];
        Arrays.fill(prefix, PREFIX);
        out.writeBytes(prefix);
        out.writeBytes(bytes(CONTEXT));
        out.write(0);
        out.writeBytes(signatureInput.toArray());
        return out.toByteArray();
    }
}

package org.masquerelay.signature;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.masquerelay.pki.Pem;
import org.masquerelay.pki.PemException;
import org.masquerelay.token.Vectors;
import org.masquerelay.tunnel.HeaderField;
import org.masquerelay.tunnel.HeaderFields;

/// The keys and messages of [RFC 9421, appendix
/// B](https://datatracker.ietf.org/doc/html/rfc9421#appendix-B).
final class PublishedMessages {
    static final List<Vectors> ALL = Vectors.read("rfc9421.json");

    private PublishedMessages() {}

    static Vectors named(String name) {
        return ALL.stream()
                .filter(each -> each.text("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    static VerificationKey key(String id) throws PemException {
        return VerificationKey.of(id, Pem.publicKey(named(id).text("public")));
    }

    /// A message of HTTP/1.1; its scheme is https.
    static SignedMessage message(String text) {
        var lines = text.split("\n", -1);
        var fields = new ArrayList<HeaderField>();
        var host = "";
        for (int i = 1; i < lines.length && !lines[i].isEmpty(); i++) {
            int colon = lines[i].indexOf(':');
            var name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            var value = lines[i].substring(colon + 1).strip();
            host = name.equals("host") ? value : host;
            fields.add(new HeaderField(name, value));
        }
        var start = lines[0].split(" ", -1);
        return start[0].startsWith("HTTP/")
                ? new SignedMessage.Response(Integer.parseInt(start[1]), new HeaderFields(fields))
                : new SignedMessage.Request(
                        start[0], "https", host, start[1], new HeaderFields(fields));
    }

    static SignedMessage with(SignedMessage message, String input, String signature) {
        var fields =
                message.fields()
                        .with(MessageSignature.SIGNATURE_INPUT, input)
                        .with(MessageSignature.SIGNATURE, signature);
        return switch (message) {
            case SignedMessage.Request request ->
                    new SignedMessage.Request(
                            request.method(),
                            request.scheme(),
                            request.authority(),
                            request.path(),
                            fields);
            case SignedMessage.Response response ->
                    new SignedMessage.Response(response.status(), fields);
        };
    }
}

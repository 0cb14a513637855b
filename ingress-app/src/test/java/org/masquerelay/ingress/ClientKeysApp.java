package org.masquerelay.ingress;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.masquerelay.boot.ops.RelayLifecycle;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.testkit.H2Bytes;
import org.masquerelay.testkit.H2Frame;
import org.masquerelay.testkit.RawH1Client;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.RawH3Stream;
import org.masquerelay.testkit.RawTls;
import org.masquerelay.testkit.WireRequest;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.KeyExporter;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// An ingress of every HTTP version that knows keys of clients, in front of no egress: whoever gets
/// in is told 502.
final class ClientKeysApp implements AutoCloseable {
    private final ConfigurableApplicationContext app;
    private final InetSocketAddress address;
    private final TlsMaterial tls;

    ClientKeysApp(Path home, String... settings) throws Exception {
        var arguments = new ArrayList<String>();
        arguments.add("--server.port=0");
        arguments.add("--relay.event-loops=1");
        arguments.add("--relay.drain.timeout=0s");
        arguments.add("--relay.listeners[0].address=127.0.0.1");
        arguments.add("--relay.listeners[0].port=0");
        arguments.add("--relay.upstream.uri=https://127.0.0.1:9");
        arguments.add("--relay.upstream.transports=h2");
        arguments.add("--relay.development.directory=" + home);
        arguments.addAll(List.of(settings));
        app = new SpringApplicationBuilder(IngressApp.class).run(arguments.toArray(String[]::new));
        address = app.getBean(RelayLifecycle.class).addresses().getFirst();
        tls = DevelopmentPki.open(home, Clock.systemUTC()).client();
    }

    static KeyPair newKey() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The value of a key's setting.
    static String setting(Path directory, String name, PublicKey key) throws IOException {
        var pem =
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                        + "\n-----END PUBLIC KEY-----\n";
        return "file:" + Files.writeString(directory.resolve(name), pem);
    }

    /// All that comes back for a request, as it came, on a connection of its own; `request` is made
    /// when the connection can be exported from.
    String ask(HttpVersion version, Function<KeyExporter, WireRequest> request) throws Exception {
        return switch (version) {
            case H1 -> {
                try (var client = RawH1Client.connect(address, tls)) {
                    client.request(request.apply(client.tls().exporter()).lines());
                    // Not before: an early end of ours would change the answer, if it were quick.
                    var head = String.join("\r\n", client.awaitHead().lines()) + "\r\n\r\n";
                    client.finish();
                    var rest = new String(client.rest(), StandardCharsets.ISO_8859_1);
                    yield head + rest + " " + client.awaitEnd();
                }
            }
            case H2 -> {
                try (var client = RawTls.connect(address, tls, List.of("h2"))) {
                    yield overH2(client, request.apply(client.exporter()), 0);
                }
            }
            case H3 -> {
                try (var client = RawH3Client.connect(address, tls)) {
                    yield overH3(client.request(request.apply(client.exporter()).section()));
                }
            }
        };
    }

    /// The same for a request that ends with its head.
    String askWhole(HttpVersion version, WireRequest request) throws Exception {
        return switch (version) {
            case H1 -> ask(version, _ -> request);
            case H2 -> {
                try (var client = RawTls.connect(address, tls, List.of("h2"))) {
                    yield overH2(client, request, H2Frame.END_STREAM);
                }
            }
            case H3 -> {
                try (var client = RawH3Client.connect(address, tls)) {
                    var stream = client.request(request.section());
                    stream.fin();
                    yield overH3(stream);
                }
            }
        };
    }

    /// The status alone.
    int status(HttpVersion version, Function<KeyExporter, WireRequest> request) throws Exception {
        return Integer.parseInt(
                ask(version, request)
                        .replaceFirst("(?s)^.*?(?:HTTP/1.1 |status=)(\\d{3}).*", "$1"));
    }

    private static String overH2(RawTls client, WireRequest request, int flags) throws IOException {
        client.send(H2Bytes.preface());
        client.send(H2Bytes.settings());
        client.send(
                H2Bytes.headers(1, H2Frame.END_HEADERS | flags, H2Bytes.block(request.section())));
        var out = new ByteArrayOutputStream();
        var status = "";
        boolean over = false;
        while (!over) {
            var header = client.read(9);
            int length = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | (header[2] & 0xff);
            var payload = client.read(length);
            if (header[8] == 1) {
                out.writeBytes(header);
                out.writeBytes(payload);
                if (header[3] == H2Frame.HEADERS) {
                    status = "status=" + status(payload);
                }
                over =
                        header[3] == H2Frame.RST_STREAM
                                || (header[3] <= H2Frame.HEADERS
                                        && (header[4] & H2Frame.END_STREAM) != 0);
            }
        }
        return status + " " + HexFormat.of().formatHex(out.toByteArray());
    }

    /// `:status` stands first: an entry of the static table (RFC 7541, appendix A), or a literal.
    private static String status(byte[] block) {
        return switch (block[0] & 0xff) {
            case 0x88 -> "200";
            case 0x8c -> "400";
            case 0x8d -> "404";
            case 0x8e -> "500";
            default -> {
                boolean huffman = (block[1] & 0x80) != 0;
                int length = block[1] & 0x7f;
                yield huffman
                        ? digits(block, length)
                        : new String(block, 2, length, StandardCharsets.ISO_8859_1);
            }
        };
    }

    /// Digits in the Huffman code of RFC 7541, appendix B: 0, 1 and 2 have five bits, the others
    /// six.
    private static String digits(byte[] block, int length) {
        long bits = 0;
        for (int i = 0; i < length; i++) {
            bits = bits << 8 | (block[2 + i] & 0xff);
        }
        int left = length * 8;
        var out = new StringBuilder();
        while (out.length() < 3) {
            int five = (int) (bits >> (left - 5)) & 0x1f;
            if (five < 3) {
                out.append(five);
                left -= 5;
            } else {
                out.append(((int) (bits >> (left - 6)) & 0x3f) - 0x19 + 3);
                left -= 6;
            }
        }
        return out.toString();
    }

    private static String overH3(RawH3Stream stream) throws InterruptedException {
        var out = new StringBuilder();
        while (true) {
            var event = stream.next();
            switch (event) {
                case RawH3Stream.Event.Head(int status, var fields) ->
                        out.append("status=").append(status).append(fields);
                case RawH3Stream.Event.Data(var content) ->
                        out.append(HexFormat.of().formatHex(content));
                default -> {
                    return out.append(event).toString();
                }
            }
        }
    }

    @Override
    public void close() {
        app.close();
    }
}

package org.masquerelay.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.cli.Console;
import org.masquerelay.cli.RelayCommand;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.credentials.BearerFile;
import org.masquerelay.gate.basic.Hashes;
import org.masquerelay.gate.jwt.JwtMint;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.pki.Pem;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;

/// `relay get` and `relay udp` show an ingress what each scheme asks for, over every HTTP version.
@Timeout(120)
final class CommandLineCredentialsTest {
    private static final String PASSWORD = "correct horse";
    private static final JwtMint MINT = JwtMint.of("ES256");

    @TempDir static Path directory;

    private static Targets targets;
    private static HttpServer web;
    private static String ca = "";
    private static List<String> known = List.of();

    @BeforeAll
    static void start() throws Exception {
        targets = new Targets();
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(200, 5);
                    exchange.getResponseBody().write("hello".getBytes(UTF_8));
                    exchange.close();
                });
        web.start();
        var anchors = DevelopmentPki.open(directory, Clock.systemUTC()).client().anchors();
        ca = file("ca.pem", Pem.text(anchors)).toString();
        known = settings();
    }

    /// What an ingress needs to know the files that are written here, whatever it admits.
    private static List<String> settings() throws Exception {
        var clients = ClientCa.root("clients");
        var alice = clients.issue(ClientCa.Client.of("alice"), List.of());
        file("alice.crt", Pem.text(alice.chain()));
        file("alice.key", Pem.text(java.util.Objects.requireNonNull(alice.key())));
        file("clients.crt", Pem.text(List.of(clients.certificate())));
        file("token", MINT.token() + "\n");
        file("password", PASSWORD + "\n");
        file("users", Hashes.line("alice", PASSWORD));
        return List.of(
                "--relay.listeners[0].client-auth=want",
                "--relay.listeners[0].client-trust=file:" + directory.resolve("clients.crt"),
                "--relay.auth.jwt.issuer=" + JwtMint.ISSUER,
                "--relay.auth.jwt.audience=" + JwtMint.AUDIENCE,
                "--relay.auth.jwt.jwk-set=" + MINT.keys(),
                "--relay.auth.basic.users-file=" + directory.resolve("users"),
                "--relay.auth.signature.keys[0].id=laptop",
                "--relay.auth.signature.keys[0].key=" + publicKey("sign.pem", "Ed25519"),
                "--relay.auth.concealed.keys[0].id=basement",
                "--relay.auth.concealed.keys[0].key=" + publicKey("conceal.pem", "EC"));
    }

    /// Writes a new private key to a file, and gives the setting of the public one.
    private static String publicKey(String name, String algorithm) throws Exception {
        var generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("EC")) {
            generator.initialize(256);
        }
        KeyPair pair = generator.generateKeyPair();
        file(name, Pem.text(pair.getPrivate()));
        var encoded = Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded());
        return "file:"
                + file(
                        name + ".pub",
                        "-----BEGIN PUBLIC KEY-----\n" + encoded + "\n-----END PUBLIC KEY-----\n");
    }

    private static Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    @AfterAll
    static void stop() throws Exception {
        web.stop(0);
        targets.close();
    }

    private static TwoHops hops(String admit) {
        var ingress = new ArrayList<>(known);
        ingress.add("--relay.auth.admit=" + admit);
        return TwoHops.start(directory, List.of("--relay.egress.allow-private=true"), ingress);
    }

    /// What a command has left behind.
    private record Run(int status, String out, String err) {}

    private static Run relay(TwoHops hops, HttpVersion version, List<String> more, String... line) {
        var arguments = new ArrayList<>(List.of(line));
        arguments.addAll(
                List.of(
                        "-v",
                        "--relay",
                        "localhost:" + hops.ingressPort(),
                        "--ca",
                        ca,
                        "--timeout",
                        "20s",
                        "--transports",
                        version.tag()));
        more.forEach(each -> arguments.add(each.replace("DIR", directory.toString())));
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var console =
                new Console(
                        new ByteArrayInputStream(new byte[0]),
                        new PrintStream(out, true, UTF_8),
                        new PrintStream(err, true, UTF_8),
                        false);
        int status = RelayCommand.commandLine(console).execute(arguments.toArray(String[]::new));
        return new Run(status, out.toString(UTF_8), err.toString(UTF_8));
    }

    private static Run udp(TwoHops hops, HttpVersion version, List<String> options) {
        return relay(hops, version, options, "udp", targets.udp().toString(), "ping");
    }

    private static Run get(TwoHops hops, HttpVersion version, List<String> options) {
        var url = "http://127.0.0.1:" + web.getAddress().getPort() + "/";
        return relay(hops, version, options, "get", url);
    }

    private static final String MTLS = "--cert DIR/alice.crt --key DIR/alice.key";
    private static final String JWT = "--bearer-file DIR/token";
    private static final String BASIC = "--user alice --password-file DIR/password";
    private static final String SIGNED = "--sign-key DIR/sign.pem --sign-id laptop";
    private static final String CONCEALED = "--conceal-key DIR/conceal.pem --conceal-id basement";

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "mtls: " + MTLS,
                "mtls+token: " + MTLS,
                "jwt: " + JWT,
                "jwt+token: " + JWT,
                "basic: " + BASIC,
                "basic+token: " + BASIC,
                "signature: " + SIGNED,
                "signature+token: " + SIGNED,
                "concealed: " + CONCEALED,
                "concealed+token: " + CONCEALED,
                "mtls+signature+jwt+token: " + MTLS + " " + SIGNED + " " + JWT,
                "concealed+basic: " + CONCEALED + " " + BASIC
            })
    void getsInWithWhatTheSchemesAskForAndNotWithout(String line) {
        var admit = line.substring(0, line.indexOf(": "));
        var options = List.of(line.substring(line.indexOf(": ") + 2).split(" "));
        try (var hops = hops(admit)) {
            for (var version : HttpVersion.values()) {
                var udp = udp(hops, version, options);
                assertThat(udp.status()).as("%s: %s", version, udp.err()).isZero();
                assertThat(udp.out()).isEqualTo("ping\n");
                var get = get(hops, version, options);
                assertThat(get.status()).as("%s: %s", version, get.err()).isZero();
                assertThat(get.out()).isEqualTo("hello");
                assertThat(udp.err() + get.err()).doesNotContain(PASSWORD, "Basic ", "Bearer ");
            }
            assertThat(udp(hops, HttpVersion.H3, List.of()).status()).isEqualTo(1);
            assertThat(get(hops, HttpVersion.H1, List.of()).status()).isEqualTo(1);
        }
    }

    @Test
    void showsNothingToAnEgressWithin() throws Exception {
        try (var hops =
                TwoHops.start(
                        directory,
                        TwoHops.NESTED_EGRESS,
                        with("--relay.auth.admit=jwt", TwoHops.PASSTHROUGH))) {
            var options =
                    List.of(
                            "--bearer-file",
                            "DIR/token",
                            "--nested=localhost:" + hops.egressPort());
            var run = udp(hops, HttpVersion.H3, options);
            assertThat(run.status()).as(run.err()).isZero();
            assertThat(run.out()).isEqualTo("ping\n");
        }
    }

    private static List<String> with(String... more) {
        var all = new ArrayList<>(known);
        all.addAll(List.of(more));
        return all;
    }

    @Test
    void readsTheBearerTokenAnewForEachTunnel() throws Exception {
        var old =
                MINT.token(
                        claims -> claims.expirationTime(Date.from(Instant.now().minusSeconds(90))));
        var token = file("changing", old);
        try (var hops = hops("jwt");
                var client =
                        RelayClient.connect(hops.clientSettings().with(new BearerFile(token)))) {
            assertThat(refusal(client)).contains("401");
            file("changing", MINT.token());
            client.openUdp(targets.udp(), HeaderFields.NONE).close();
        }
    }

    private static String refusal(RelayClient client) {
        try (var _ = client.openUdp(targets.udp(), HeaderFields.NONE)) {
            return "none";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void saysThatAProofCannotBeMade() throws Exception {
        publicKey("rsa.pem", "RSA");
        try (var hops = hops("concealed")) {
            var options = List.of("--conceal-key", "DIR/rsa.pem", "--conceal-id", "basement");
            var run = udp(hops, HttpVersion.H2, options);
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.err())
                    .startsWith(
                            "relay udp: the credentials do not fit the request or this HTTP"
                                    + " version\n");
        }
    }

    @Test
    void saysWhatIsWrongWithAFile() throws Exception {
        file("two words", "two words");
        file("empty", "");
        try (var hops = hops("jwt")) {
            for (var wrong :
                    List.of(
                            "--bearer-file|DIR/missing: there is no file DIR/missing",
                            "--bearer-file|DIR/two words: --bearer-file: DIR/two words has no"
                                    + " bearer token, which is one word",
                            "--sign-key|DIR/missing|--sign-id|a: there is no file DIR/missing",
                            "--sign-key|DIR/empty|--sign-id|a: DIR/empty has no readable key: 0"
                                    + " PKCS #8 private keys found (expected: 1)",
                            "--cert|DIR/alice.crt|--key|DIR/sign.pem: --cert and --key do not"
                                    + " belong together: key and certificate are of different"
                                    + " kinds")) {
                int colon = wrong.indexOf(": ");
                var options = List.of(wrong.substring(0, colon).split("\\|"));
                var sentence = wrong.substring(colon + 2).replace("DIR", directory.toString());
                var run = udp(hops, HttpVersion.H3, options);
                assertThat(run.status()).isEqualTo(1);
                assertThat(run.err()).startsWith("relay udp: " + sentence + "\n");
            }
        }
    }
}

package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.boot.ops.OperationsConfiguration.Listeners;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsulePolicy.Unknown;
import org.masquerelay.gate.Gate;
import org.masquerelay.gate.OpenGate;
import org.masquerelay.gate.Scheme;
import org.masquerelay.password.PasswordHash;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.ManagementPort;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

final class IngressStartTest {
    @TempDir static Path home;

    @Test
    void opensTheGateOnlyWhenToldTo() {
        try (var open = run("relay.auth.admit=anybody")) {
            assertThat(open.getBean(Gate.class)).isInstanceOf(OpenGate.class);
        }
    }

    @Test
    void saysInOneSentenceWhatIsWrong() {
        assertThat(failure("relay.upstream.uri=http://localhost"))
                .contains("relay.upstream.uri is not the https origin of an egress.")
                .contains("Write it as https://HOST:PORT");
        assertThat(failure("relay.listeners[0].address=nowhere"))
                .contains("relay.listeners[0].address is not an IP address.");
        assertThat(failure("relay.listeners[0].udp-templates=/no-variables"))
                .contains("relay.listeners[0].udp-templates has a template that cannot be used");
        assertThat(failure("relay.listeners[0].port=70000"))
                .contains("relay.listeners[0].port", "must be less than or equal to 65535");
        assertThat(failure("relay.upsteam.uri=https://localhost"))
                .contains("relay.upsteam.uri is no property", "Did you mean relay.upstream.uri?");
        assertThat(failure("relay.issuer.enabled=false"))
                .contains("relay.auth.issuer-keys is empty, so no token could ever pass.");
        assertThat(failure("relay.auth.issuer-keys=AAAA"))
                .contains("relay.auth.issuer-keys[0] is not a key that tokens are verified with");
        assertThat(failure("relay.auth.challenge-grace=11m"))
                .contains("relay.auth.challenge-grace is longer than");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    relay.profile=harder                             | relay.profile                            | "harder"
                    relay.capsules.unknown=drop                      | relay.capsules.unknown                   | "drop"
                    relay.capsules.allowed=x                         | relay.capsules.allowed[0]                | is not a capsule type. Write a number of at most 62 bits
                    relay.capsules.max-datagram=64KB                 | relay.capsules.max-datagram              | is not a size that works. Set it to 1B to 65535B.
                    relay.capsules.max-control=1MB                   | relay.capsules.max-control               | is not a size that works. Set it to 1B to 64KB.
                    relay.capsules.max-held-per-connection=2GB       | relay.capsules.max-held-per-connection   | is not a size that works. Set it to 1B to 1GB.
                    relay.passthrough.only=true                      | relay.passthrough.only                   | could ever open. List egresses in relay.passthrough.egresses
                    relay.passthrough.egresses=host                  | relay.passthrough.egresses[0]            | is not the host and port of an egress. Write it as HOST:PORT
                    relay.passthrough.egresses=a:1,b:0               | relay.passthrough.egresses[1]            | is not the host and port of an egress
                    relay.listeners[0].name=Main                     | relay.listeners[0].name                  | must match
                    relay.listeners[0].versions=                     | relay.listeners[0].versions              | must not be empty
                    relay.listeners[0].versions=h4                   | relay.listeners[0].versions              | h4
                    relay.listeners[0].versions=h2,h2                | relay.listeners[0].versions              | names h2 twice. Name each of h3, h2 and h1 at most once.
                    relay.listeners[0].tls-provider=openssl          | relay.listeners[0].tls-provider          | "openssl"
                    relay.listeners[0].max-connections-per-address=0 | relay.listeners[0].max-connections-per-address | must be greater than or equal to 1
                    relay.listeners[0].limits.max-header-size=65KB   | relay.listeners[0].limits.max-header-size | is not a size that works. Set it to 1KB to 64KB.
                    relay.listeners[0].limits.max-header-fields=0    | relay.listeners[0].limits.max-header-fields | must be greater than or equal to 1
                    relay.listeners[0].limits.handshake-timeout=0s   | relay.listeners[0].limits.handshake-timeout | must be longer than or equal to 1 milli
                    relay.listeners[0].limits.header-timeout=2h      | relay.listeners[0].limits.header-timeout  | must be shorter than or equal to 1 hour
                    relay.listeners[0].limits.idle-timeout=x         | relay.listeners[0].limits.idle-timeout   | "x"
                    relay.listeners[0].connect-tcp[0].token=t        | relay.listeners[0].connect-tcp[0].data-capsule | must not be blank
                    relay.upstream.connect-tcp.token=t               | relay.upstream.connect-tcp.data-capsule    | must not be blank
                    relay.upstream.transports=                       | relay.upstream.transports                | must not be empty
                    relay.upstream.transports=h4                     | relay.upstream.transports                | h4
                    relay.upstream.transports=h3,h3                  | relay.upstream.transports                | names h3 twice. Name each of h3, h2 and h1 at most once.
                    relay.auth.spent.store=redis                     | relay.auth.challenge-secret              | is empty although relay.auth.spent.store is redis
                    relay.auth.issuer-name=my issuer                 | relay.auth.issuer-name                   | has a name that cannot be written into a challenge. Set it to a host name
                    relay.auth.origins=a b                           | relay.auth.origins                       | has a name that cannot be written into a challenge. List host names
                    relay.auth.challenge-secret=AAAA                 | relay.auth.challenge-secret              | is shorter than 32 bytes. Set it to what openssl rand -base64 32 prints
                    relay.auth.challenge-secret=!                    | relay.auth.challenge-secret              | is not base64.
                    relay.auth.challenge-secret=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= | relay.auth.challenge-secret | is set although a restart forgets which tokens are spent
                    relay.auth.spent.timeout=0s                      | relay.auth.spent.timeout                 | must be longer than or equal to 1 milli
                    relay.auth.issuers[0].name=x                     | relay.auth.issuers[0].directory          | is not set. Set relay.auth.issuers[0].directory, in the same place
                    relay.issuer.key-file=pom.xml                    | relay.issuer.key-file                    | names a file that cannot be used: it does not give issuer keys
                    relay.issuer.limit.tokens=0                      | relay.issuer.limit.tokens                | must be greater than or equal to 1
                    relay.issuer.attest=auth                         | relay.issuer.attest                      | is auth although relay.auth.admit lets anybody in, or asks for tokens.
                    relay.upstream.uris=http://egress                | relay.upstream.uris[0]                   | is not the https origin of an egress.
                    relay.upstream.discovery.records=mdns            | relay.upstream.discovery.records         | mdns
                    relay.upstream.discovery.service=masque          | relay.upstream.discovery.service         | must match
                    relay.upstream.discovery.min-ttl=1h              | relay.upstream.discovery.min-ttl         | is longer than relay.upstream.discovery.max-ttl. Set it to max-ttl or less
                    relay.upstream.sticky=client                     | relay.upstream.sticky                    | client
                    relay.upstream.retry.max=17                      | relay.upstream.retry.max                 | must be less than or equal to 16
                    relay.upstream.ejection.max-share=1.1            | relay.upstream.ejection.max-share         | must be less than or equal to 1
                    relay.upstream.ejection.base-time=6m             | relay.upstream.ejection.base-time        | is longer than relay.upstream.ejection.max-time. Set it to max-time or less
                    relay.upstream.head-starts=250ms                 | relay.upstream.head-starts               | has more entries than there are transports after the first. Give at most one
                    """)
    void saysWhichSettingIsWrong(String setting, String property, String sentence) {
        assertThat(oneLine(failure(setting))).contains(property, sentence);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    relay.auth.admit=jwt                             | relay.auth.admit                         | names jwt, but nothing says which tokens are good. Set relay.auth.jwt.audience, and relay.auth.jwt.issuer or another
                    relay.auth.admit=jwt+token                       | relay.auth.admit                         | names jwt, but nothing says which tokens are good. Set
                    relay.auth.admit=basic                           | relay.auth.admit                         | names basic, but nothing says who the users are. Set relay.auth.basic.users-file to a file with lines that ./relay password prints
                    relay.auth.admit=kerberos                        | relay.auth.admit                         | names kerberos, which is no scheme. Name some of basic,
                    relay.auth.admit=                                | relay.auth.admit                         | must not be empty
                    relay.auth.admit=token+                          | relay.auth.admit                         | has an alternative that cannot be used: "token+"
                    relay.auth.realm=a"b                             | relay.auth.realm                         | must match
                    relay.auth.jwt.algorithms=HS256                  | relay.auth.jwt.algorithms                | HS256
                    relay.auth.jwt.algorithms=none                   | relay.auth.jwt.algorithms                | none
                    relay.auth.jwt.clock-skew=11m                    | relay.auth.jwt.clock-skew                 | must be shorter than or equal to 10 minutes
                    relay.auth.jwt.audiences=relay                   | relay.auth.jwt.audiences                 | is no property of this app (command line). Did you mean relay.auth.jwt.audience?
                    relay.auth.basic.max-failures=0                  | relay.auth.basic.max-failures             | must be greater than or equal to 1
                    relay.auth.basic.cache-time=2d                   | relay.auth.basic.cache-time               | must be shorter than or equal to 1 day
                    """)
    void saysWhatASchemeLacks(String setting, String property, String sentence) {
        assertThat(oneLine(failure(setting))).contains(property, sentence);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    issuer=https://issuer.example                                 | relay.auth.jwt.audience is empty, so tokens for any other service would pass. Set it to
                    audience=relay                                                | relay.auth.jwt has no source of keys. Set relay.auth.jwt.issuer to an issuer that publishes its metadata, or one of
                    audience=relay jwks-uri=https://a.example public-key=x        | relay.auth.jwt has more than one source of keys. Set only one of relay.auth.jwt.jwks-uri, relay.auth.jwt.jwk-set and relay.auth.jwt.public-key
                    audience=relay jwk-set={} public-key=x                        | relay.auth.jwt has more than one source of keys.
                    audience=relay issuer=http://issuer.example                   | relay.auth.jwt.issuer is no URI that keys can safely be fetched from. Write it as https://
                    audience=relay issuer=Example                                 | relay.auth.jwt.issuer is no URI
                    audience=relay jwks-uri=ftp://issuer.example                  | relay.auth.jwt.jwks-uri is no URI
                    audience=relay jwk-set=x                                      | relay.auth.jwt.jwk-set cannot be used:
                    audience=relay jwk-set=file:/no/such                          | relay.auth.jwt.jwk-set cannot be used: /no/such
                    audience=relay jwk-set={"keys":[]}                            | relay.auth.jwt.jwk-set cannot be used: it has no key for RSA of 2048 to 4096 bits, P-256, P-384, P-521 or Ed25519
                    audience=relay public-key=x                                   | relay.auth.jwt.public-key cannot be used: 0 PUBLIC KEY blocks found (expected: 1)
                    audience=relay jwks-uri=https://a.example tls-bundle=keys     | relay.auth.jwt.tls-bundle names the SSL bundle "keys", which is not defined. Define it under
                    """)
    void saysWhatIsWrongWithTheTokens(String settings, String sentence) {
        var all = new ArrayList<>(List.of("relay.auth.admit=jwt"));
        for (var setting : settings.split(" ", -1)) {
            all.add("relay.auth.jwt." + setting);
        }
        assertThat(oneLine(failure(all.toArray(String[]::new)))).contains(sentence);
    }

    @Test
    void saysWhatIsWrongWithTheUsers() throws Exception {
        var users = Files.writeString(home.resolve("users"), "alice:secret");
        assertThat(
                        oneLine(
                                failure(
                                        "relay.auth.admit=basic",
                                        "relay.auth.basic.users-file=" + users)))
                .contains(
                        "relay.auth.basic.users-file names a file that cannot be used: line 1: the hash is not of the"
                                + " form $argon2id$v=19$m=...,t=...,p=...$salt$hash. Set it to a"
                                + " file with lines that ./relay password prints")
                .doesNotContain("secret");
        assertThat(
                        oneLine(
                                failure(
                                        "relay.auth.admit=token,basic",
                                        "relay.auth.basic.users-file=" + home.resolve("none"))))
                .contains(
                        "relay.auth.basic.users-file names a file that cannot be used: there is no");
        assertThat(oneLine(failure("relay.auth.admit=basic", "relay.auth.basic.max-failures=3")))
                .contains("relay.auth.basic.users-file is empty.");
    }

    @Test
    void tellsWhichFileIsNotInForce() throws Exception {
        var hash = PasswordHash.of("one", new SecureRandom()).format();
        var users = Files.writeString(home.resolve("followed"), "alice:" + hash);
        try (var app = run("relay.auth.admit=basic", "relay.auth.basic.users-file=" + users)) {
            var current =
                    app.getBean(MeterRegistry.class)
                            .get("masque.files.current")
                            .tag("file", "relay.auth.basic.users-file")
                            .gauge();
            var server = ((WebServerApplicationContext) app).getWebServer();
            var management = new ManagementPort(Objects.requireNonNull(server).getPort());
            assertThat(current.value()).isEqualTo(1);
            assertThat(management.get("/actuator/health/files").body()).contains("\"UP\"");

            Files.writeString(users, "alice:" + hash + "\nbob:hunter2\n");
            Await.until("the file is refused", () -> current.value() == 0);

            assertThat(management.get("/actuator/health/files").body())
                    .contains("DEGRADED", "relay.auth.basic.users-file", "line 2: the hash is not")
                    .doesNotContain("hunter2", "bob");
            assertThat(management.get("/actuator/health/readiness").statusCode()).isEqualTo(200);

            Files.writeString(users, "bob:" + hash);
            Await.until("the file is in force", () -> current.value() == 1);
        }
    }

    @Test
    void buildsOnlyTheSchemesThatAreAdmitted() {
        // Its configuration could not be used, and nobody looks at it.
        try (var app =
                run("relay.auth.jwt.audience=relay", "relay.auth.basic.users-file=/no/such")) {
            assertThat(app.getBeansOfType(Scheme.class).values())
                    .extracting(Scheme::name)
                    .contains("token")
                    .doesNotContain("jwt", "basic");
        }
    }

    @Test
    void startsWhileTheIssuerIsAway() {
        try (var app =
                run(
                        "relay.auth.admit=jwt",
                        "relay.auth.jwt.audience=relay",
                        "relay.auth.jwt.issuer=http://localhost:1")) {
            assertThat(app.getBeansOfType(Scheme.class)).containsKey("jwtScheme");
        }
    }

    @Test
    void saysWhichSettingsDoNotGoTogether() {
        assertThat(
                        oneLine(
                                failure(
                                        "relay.upstream.transports=h3,h2",
                                        "relay.upstream.head-starts=0s")))
                .contains("relay.upstream.head-starts has an entry that is not positive. Set each");
        assertThat(
                        oneLine(
                                failure(
                                        "relay.upstream.connect-tcp.token=t",
                                        "relay.upstream.connect-tcp.data-capsule=0x20",
                                        "relay.upstream.connect-tcp.final-data-capsule=32")))
                .contains("relay.upstream.connect-tcp has capsule types that mean something else");
        assertThat(
                        oneLine(
                                failure(
                                        "relay.profile=hardened",
                                        "relay.capsules.allowed=0x11",
                                        "relay.listeners[0].tcp-templates=",
                                        "relay.listeners[0].udp-bind=true")))
                .contains(
                        "relay.capsules.allowed lacks the capsule types 0x00, 0x12, 0x13 of the"
                                + " protocols that are enabled. Add them,");
        assertThat(
                        oneLine(
                                failure(
                                        "relay.capsules.unknown=reject",
                                        "relay.capsules.allowed=0x00",
                                        "relay.listeners[0].tcp-templates=",
                                        "relay.upstream.transports=h1")))
                .contains(
                        "relay.capsules.allowed lacks the capsule types 0x2028d7f2, 0x2028d7f3 of");
        assertThat(oneLine(failure("relay.listeners[1].port=0", "relay.listeners[1].versions=h1")))
                .contains("relay.listeners[1].name is that of relay.listeners[0] too. Give every");
        assertThat(
                        oneLine(
                                failure(
                                        "relay.listeners[0].port=4443",
                                        "relay.listeners[0].versions=h2",
                                        "relay.listeners[1].name=other",
                                        "relay.listeners[1].port=4443",
                                        "relay.listeners[1].versions=h3,h1")))
                .contains(
                        "relay.listeners[1].port is on TCP where relay.listeners[0] listens already."
                                + " Give it another port or address, or versions");
    }

    @Test
    void saysWhichIssuerCannotBeTrusted() {
        assertThat(
                        oneLine(
                                failure(
                                        "relay.auth.issuers[0].name=issuer.example",
                                        "relay.auth.issuers[0].directory=http://localhost/")))
                .contains("relay.auth.issuers[0].directory is not an https URL. Write it as");
        assertThat(
                        oneLine(
                                failure(
                                        "relay.auth.issuers-required=true",
                                        "relay.auth.issuers[0].name=issuer.example",
                                        "relay.auth.issuers[0].directory=https://127.0.0.1:9/")))
                .contains(
                        "relay.auth.issuers has a directory that is needed: that of issuer.example"
                                + " cannot be fetched");
        assertThat(
                        oneLine(
                                failure(
                                        "relay.auth.issuers[0].name=x",
                                        "relay.auth.issuers[0].directory=https://127.0.0.1:9/",
                                        "relay.auth.issuers[1].name=x",
                                        "relay.auth.issuers[1].directory=https://127.0.0.1:9/")))
                .contains("relay.auth.issuers names an issuer twice");
    }

    @Test
    void forwardsUnknownCapsulesUnlessHardened() {
        try (var standard = run()) {
            assertThat(capsules(standard)).isEqualTo(CapsulePolicy.STANDARD.with(Unknown.FORWARD));
        }
        try (var hardened = run("relay.profile=hardened")) {
            assertThat(capsules(hardened)).isEqualTo(CapsulePolicy.STANDARD.with(Unknown.REJECT));
        }
    }

    private static CapsulePolicy capsules(ConfigurableApplicationContext relay) {
        return relay.getBean(Listeners.class).fronts().getFirst().capsules();
    }

    @Test
    void saysThatATcpPortIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("::"))) {
            assertThat(failure("relay.listeners[0].port=" + taken.getLocalPort()))
                    .contains("The relay cannot listen on main on UDP and TCP")
                    .contains(Integer.toString(taken.getLocalPort()))
                    .contains("change relay.listeners[].port");
        }
    }

    @Test
    void takesOneEgressOrAListAndNotBoth() {
        assertThat(
                        oneLine(
                                failure(
                                        "relay.upstream.uri=https://a.example",
                                        "relay.upstream.uris=https://b.example")))
                .contains("relay.upstream.uris names egresses beside that of relay.upstream.uri.");
    }

    @Test
    void keepsQuietAboutTheMachineryWhenItDoesNotStart() {
        assertThat(failure("relay.upstream.uri=http://localhost"))
                .doesNotContain("BeanCreationException", "\tat ");
    }

    @Test
    void neverFallsBackToDevelopmentCertificatesOnceABundleIsConfigured() {
        assertThat(failure("relay.tls.bundle=front"))
                .contains("relay.tls.bundle names the SSL bundle \"front\", which is not defined.");
        assertThat(
                        failure(
                                "relay.tls.bundle=front",
                                "spring.ssl.bundle.pem.front.keystore.certificate="
                                        + home.resolve("missing.crt")))
                .contains("relay.tls.bundle names the SSL bundle \"front\", which cannot be read")
                .contains("missing.crt");
        assertThat(
                        failure(
                                "relay.tls.bundle=front",
                                "spring.ssl.bundle.pem.front.keystore.certificate="
                                        + home.resolve("ingress.crt"),
                                "spring.ssl.bundle.pem.front.keystore.private-key="
                                        + home.resolve("ingress.key")))
                .contains("relay.upstream.tls-bundle is empty although other SSL bundles");
    }

    @Test
    void saysThatAPortIsTaken() throws Exception {
        try (var taken = new DatagramSocket()) {
            assertThat(failure("relay.listeners[0].port=" + taken.getLocalPort()))
                    .contains("The relay cannot listen on main on UDP and TCP")
                    .contains(Integer.toString(taken.getLocalPort()))
                    .contains("change relay.listeners[].port");
        }
    }

    @Test
    void namesTheFileOfABundleThatCannotBeWatched() {
        assertThat(
                        failure(
                                "relay.tls.bundle=front",
                                "spring.ssl.bundle.pem.front.reload-on-update=true",
                                "spring.ssl.bundle.pem.front.keystore.certificate="
                                        + home.resolve("missing.crt")))
                .contains("The SSL bundle \"front\" cannot be watched for updates", "missing.crt")
                .doesNotContain("\tat ");
    }

    @Test
    void keepsItsDefaultsBesideAFileInThePlaceOfItsOwn() throws IOException {
        var own = Files.writeString(home.resolve("own.yml"), "management.info.java.enabled: false");
        try (var app = run("spring.config.location=file:" + own)) {
            var settings = app.getEnvironment();
            assertThat(settings.getProperty("server.address")).isEqualTo("127.0.0.1");
            assertThat(settings.getProperty("management.endpoints.web.exposure.include"))
                    .isEqualTo("health,prometheus,drain,info");
            assertThat(settings.getProperty("management.health.redis.enabled")).isEqualTo("false");
            assertThat(settings.getProperty("management.info.java.enabled")).isEqualTo("false");
        }
    }

    private static ConfigurableApplicationContext run(String... settings) {
        var all = new LinkedHashMap<String, String>();
        all.put("server.port", "0");
        all.put("relay.listeners[0].port", "0");
        all.put("relay.event-loops", "1");
        all.put("relay.drain.timeout", "0s");
        all.put("relay.development.directory", home.toString());
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            all.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return new SpringApplicationBuilder(IngressApp.class)
                .run(all.entrySet().stream().map(setting -> "--" + setting).toArray(String[]::new));
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").replace("Action: ", "");
    }

    /// What an operator reads on the console when the app does not start.
    private static String failure(String... settings) {
        var console = System.out;
        var text = new ByteArrayOutputStream();
        System.setOut(new PrintStream(text, true, StandardCharsets.UTF_8));
        try {
            assertThatThrownBy(() -> run(settings).close()).isInstanceOf(Exception.class);
        } finally {
            System.setOut(console);
        }
        return text.toString(StandardCharsets.UTF_8);
    }
}

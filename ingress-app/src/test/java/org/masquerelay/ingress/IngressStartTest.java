package org.masquerelay.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.ingress.gate.Gate;
import org.masquerelay.ingress.gate.OpenGate;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

final class IngressStartTest {
    @TempDir static Path home;

    @Test
    void opensTheGateOnlyWhenToldTo() {
        try (var open = run("relay.auth.mode=none")) {
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
                .contains("relay.upsteam.uri", "unbound");
        assertThat(failure("relay.issuer.enabled=false"))
                .contains("relay.auth.issuer-keys is empty, so no token could ever pass.");
        assertThat(failure("relay.auth.issuer-keys=AAAA"))
                .contains("relay.auth.issuer-keys[0] is not a key for tokens of type 0x0002");
        assertThat(failure("relay.auth.challenge-grace=11m"))
                .contains("relay.auth.challenge-grace is longer than");
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
                    .contains("The relay cannot listen on h3 on UDP")
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

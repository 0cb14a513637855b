package org.masquerelay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.pki.DevelopmentPki;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

/// The profiles that `relay profile` writes, read back by an XML parser and by Python's plistlib.
final class ProfileCommandTest {
    private static final String UUID_FORM = "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}";
    private static final String TEMPLATE =
            "https://relay.test/.well-known/masque/udp/{target_host}/{target_port}/";

    @TempDir Path directory;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void writesOneRelayWithAllItsSettings() throws Exception {
        var pki = DevelopmentPki.open(directory.resolve("pki"), Clock.systemUTC());
        byte[] pkcs12 = pkcs12(pki);
        Path identity = directory.resolve("device.p12");
        Files.write(identity, pkcs12);

        var profile =
                written(
                        "--h3-url",
                        TEMPLATE,
                        "--h2-url",
                        "https://relay.test:8443/",
                        "--header",
                        "Authorization=Basic dXNlcjpwYXNzd29yZA==",
                        "--header",
                        "x-markup=<&>\"'",
                        "--identity",
                        identity.toString(),
                        "--ca",
                        pki.clientAnchors().toString(),
                        "--match-domain",
                        "Example.com",
                        "--match-domain",
                        "example.org",
                        "--exclude-domain",
                        "static.example.com",
                        "--name",
                        "Relay & co.",
                        "--identifier",
                        "com.example.relay");

        assertThat(profile)
                .containsEntry("PayloadType", "Configuration")
                .containsEntry("PayloadVersion", 1L)
                .containsEntry("PayloadIdentifier", "com.example.relay")
                .containsEntry("PayloadDisplayName", "Relay & co.");
        var relay = payload(profile, "com.apple.relay.managed");
        assertThat(relay)
                .containsEntry("MatchDomains", List.of("example.com", "example.org"))
                .containsEntry("ExcludedDomains", List.of("static.example.com"));
        var certificate = payload(profile, "com.apple.security.pkcs12");
        assertThat(relay.get("Relays"))
                .isEqualTo(
                        List.of(
                                Map.of(
                                        "HTTP3RelayURL",
                                        TEMPLATE,
                                        "HTTP2RelayURL",
                                        "https://relay.test:8443/",
                                        "AdditionalHTTPHeaderFields",
                                        Map.of(
                                                "authorization",
                                                "Basic dXNlcjpwYXNzd29yZA==",
                                                "x-markup",
                                                "<&>\"'"),
                                        "PayloadCertificateUUID",
                                        certificate.get("PayloadUUID"))));
        assertThat(certificate).containsEntry("PayloadCertificateFileName", "device.p12");
        assertThat((byte[]) certificate.get("PayloadContent")).isEqualTo(pkcs12);
        assertThat((byte[]) payload(profile, "com.apple.security.root").get("PayloadContent"))
                .isEqualTo(pki.client().anchors().getFirst().getEncoded());
        assertEveryPayloadIsNamed(profile);
    }

    @Test
    void chainsTwoRelaysInTheOrderGiven() throws Exception {
        var profile =
                written(
                        "--h3-url",
                        "https://ingress.test/",
                        "--header",
                        "one=1",
                        "--h3-url",
                        "https://egress.test/",
                        "--header",
                        "two=2");
        assertThat(payload(profile, "com.apple.relay.managed").get("Relays"))
                .isEqualTo(
                        List.of(
                                Map.of(
                                        "HTTP3RelayURL",
                                        "https://ingress.test/",
                                        "AdditionalHTTPHeaderFields",
                                        Map.of("one", "1")),
                                Map.of(
                                        "HTTP3RelayURL",
                                        "https://egress.test/",
                                        "AdditionalHTTPHeaderFields",
                                        Map.of("two", "2"))));
    }

    @Test
    void leavesOutWhatIsNotAskedFor() throws Exception {
        var profile = written("--h2-url", "https://relay.test/");
        assertThat((List<?>) profile.get("PayloadContent")).hasSize(1);
        assertThat(payload(profile, "com.apple.relay.managed"))
                .containsEntry("Relays", List.of(Map.of("HTTP2RelayURL", "https://relay.test/")))
                .doesNotContainKeys("MatchDomains", "ExcludedDomains");
    }

    @Test
    void isAPropertyListToPython() throws Exception {
        Path file = directory.resolve("relay.mobileconfig");
        assertThat(
                        run(
                                "profile",
                                "--h3-url",
                                TEMPLATE,
                                "--header",
                                "name=<&>",
                                "--out",
                                file.toString()))
                .isZero();
        Process python;
        try {
            python =
                    new ProcessBuilder(
                                    "python3",
                                    "-c",
                                    "import plistlib, sys;"
                                            + "p = plistlib.load(open(sys.argv[1], 'rb'));"
                                            + "r = p['PayloadContent'][0]['Relays'][0];"
                                            + "print(r['AdditionalHTTPHeaderFields']['name'],"
                                            + " r['HTTP3RelayURL'], p['PayloadVersion'])",
                                    file.toString())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException noPython) {
            assumeTrue(false, "no python3 on the PATH");
            return;
        }
        String printed = new String(python.getInputStream().readAllBytes(), UTF_8);
        assertThat(python.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(printed.strip()).isEqualTo("<&> " + TEMPLATE + " 1");
    }

    @Test
    void replacesAFileByOneThatNobodyElseReads() throws Exception {
        Path file = Files.writeString(directory.resolve("old.mobileconfig"), "old");
        var options = List.of("profile", "--h2-url", "https://relay.test/", "--out", "" + file);
        assertThat(run(options.toArray(String[]::new))).isZero();
        assertThat(Files.readString(file)).startsWith("<?xml");
        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void refusesAnIdentityThatIsNone() throws Exception {
        Path file = directory.resolve("not.p12");
        Files.writeString(file, "no PKCS#12");
        assertThat(run("profile", "--h3-url", "https://r.test", "--identity", file.toString()))
                .isEqualTo(1);
        assertThat(err.toString(UTF_8)).contains("is no readable PKCS#12 file");
    }

    private static byte[] pkcs12(DevelopmentPki pki) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        var material = pki.ingressUpstream();
        store.setKeyEntry(
                "device",
                material.key(),
                "password".toCharArray(),
                material.chain().toArray(Certificate[]::new));
        var bytes = new ByteArrayOutputStream();
        store.store(bytes, "password".toCharArray());
        return bytes.toByteArray();
    }

    private static void assertEveryPayloadIsNamed(Map<String, Object> profile) {
        var all = new ArrayList<Map<?, ?>>();
        all.add(profile);
        contents(profile).forEach(all::add);
        assertThat(all)
                .allSatisfy(payload -> {
                    assertThat((String) payload.get("PayloadUUID")).matches(UUID_FORM);
                    assertThat(payload.get("PayloadVersion")).isEqualTo(1L);
                    assertThat((String) payload.get("PayloadIdentifier"))
                            .startsWith("com.example.relay");
                });
        assertThat(all.stream().map(payload -> payload.get("PayloadUUID"))).doesNotHaveDuplicates();
        assertThat(all.stream().map(payload -> payload.get("PayloadIdentifier")))
                .doesNotHaveDuplicates();
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> contents(Map<String, Object> profile) {
        return (List<Map<String, Object>>) requireNonNull(profile.get("PayloadContent"));
    }

    private static Map<String, Object> payload(Map<String, Object> profile, String type) {
        return contents(profile).stream()
                .filter(payload -> type.equals(payload.get("PayloadType")))
                .findFirst()
                .orElseThrow();
    }

    private Map<String, Object> written(String... options) throws Exception {
        var arguments = new ArrayList<>(List.of("profile"));
        arguments.addAll(List.of(options));
        assertThat(run(arguments.toArray(String[]::new))).as(err.toString(UTF_8)).isZero();
        return parse(out.toString(UTF_8));
    }

    private int run(String... arguments) {
        var console =
                new Console(
                        new ByteArrayInputStream(new byte[0]),
                        new PrintStream(out, true, UTF_8),
                        new PrintStream(err, true, UTF_8),
                        false);
        return RelayCommand.commandLine(console).execute(arguments);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> parse(String xml) throws Exception {
        var factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        var document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
        assertThat(document.getDoctype().getPublicId()).isEqualTo("-//Apple//DTD PLIST 1.0//EN");
        var plist = document.getDocumentElement();
        assertThat(plist.getTagName()).isEqualTo("plist");
        assertThat(plist.getAttribute("version")).isEqualTo("1.0");
        var roots = children(plist);
        assertThat(roots).hasSize(1);
        return (Map<String, Object>) value(roots.getFirst());
    }

    private static Object value(Element element) {
        return switch (element.getTagName()) {
            case "string" -> element.getTextContent();
            case "integer" -> Long.valueOf(element.getTextContent());
            case "data" -> Base64.getDecoder().decode(element.getTextContent());
            case "array" -> children(element).stream().map(ProfileCommandTest::value).toList();
            case "dict" -> {
                var map = new LinkedHashMap<String, Object>();
                var parts = children(element);
                assertThat(parts.size() % 2).isZero();
                for (int i = 0; i < parts.size(); i += 2) {
                    assertThat(parts.get(i).getTagName()).isEqualTo("key");
                    String key = parts.get(i).getTextContent();
                    assertThat(map.put(key, value(parts.get(i + 1)))).isNull();
                }
                yield map;
            }
            default -> throw new AssertionError("no part of a property list: " + element);
        };
    }

    private static List<Element> children(Element element) {
        var children = new ArrayList<Element>();
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element one) {
                children.add(one);
            }
        }
        return children;
    }
}

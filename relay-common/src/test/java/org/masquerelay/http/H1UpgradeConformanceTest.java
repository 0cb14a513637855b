package org.masquerelay.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.testkit.CapsuleBytes;
import org.masquerelay.testkit.RawBytes;
import org.masquerelay.testkit.RawH1Client;
import org.masquerelay.testkit.TlsEnd;

/// RFC 9298, sections 3.2 and 3.3, and RFC 9931, section 8, on a listener: the upgrade of HTTP/1.1.
@Timeout(60)
final class H1UpgradeConformanceTest {
    private static final String GET = "GET /.well-known/masque/udp/target.test/7/ HTTP/1.1";
    private static final String HOST = "Host: localhost";
    private static final String CONNECTION = "Connection: Upgrade";
    private static final String UPGRADE = "Upgrade: connect-udp";

    private static TestFront front;

    private RawH1Client client;

    @BeforeAll
    static void open() throws Exception {
        front = TestFront.echoing();
    }

    @BeforeEach
    void connect() throws Exception {
        client = RawH1Client.connect(front.address(), TestFront.clientTls());
        front.service().forgetRequests();
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @AfterAll
    static void close() {
        front.close();
        LeakPresenceDetector.check();
    }

    private static byte[] ping() {
        return CapsuleBytes.udp("ping".getBytes(UTF_8));
    }

    private RawH1Client.Head assertOpens(String... lines) throws Exception {
        client.request(lines);
        var head = client.awaitHead();
        assertThat(head.status()).isEqualTo(101);
        client.send(ping());
        assertThat(client.awaitBytes(ping().length)).isEqualTo(ping());
        return head;
    }

    private void assertRefused(int status, String... lines) throws Exception {
        client.request(lines);
        assertThat(client.awaitStatus()).isEqualTo(status);
        assertThat(front.service().wasAsked()).isFalse();
    }

    @Test
    @DisplayName("R2 3.3: success is 101, one Upgrade: connect-udp, and no content fields")
    void answers101() throws Exception {
        var head = assertOpens(GET, HOST, CONNECTION, UPGRADE, "Capsule-Protocol: ?1");
        assertThat(head.statusLine()).startsWith("HTTP/1.1 101 ");
        var fields = head.fields();
        assertThat(fields.all("connection"))
                .singleElement()
                .asString()
                .isEqualToIgnoringCase("upgrade");
        assertThat(fields.all("upgrade")).containsExactly("connect-udp");
        assertThat(fields.all("capsule-protocol")).containsExactly("?1");
        assertThat(fields.contains("content-length")).isFalse();
        assertThat(fields.contains("content-type")).isFalse();
        assertThat(fields.contains("transfer-encoding")).isFalse();
    }

    @ParameterizedTest(name = "R2 3.2: [{0}] asks for the upgrade")
    @ValueSource(
            strings = {
                "Connection: upgrade\r\nUpgrade: connect-udp",
                "CONNECTION: UPGRADE\r\nUPGRADE: connect-udp",
                "Connection: keep-alive, Upgrade\r\nUpgrade: connect-udp",
                "Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: connect-udp",
                "Connection: Upgrade\r\nUpgrade: websocket, connect-udp",
                "Connection: Upgrade\r\nUpgrade: Connect-UDP"
            })
    void readsListsAndAnyCase(String fields) throws Exception {
        assertOpens(GET, HOST, fields);
    }

    @Test
    @DisplayName("R2 3.2: the target may be absolute, as curl sends it")
    void takesAnAbsoluteTarget() throws Exception {
        assertOpens(
                "GET https://localhost/.well-known/masque/udp/target.test/7/ HTTP/1.1",
                HOST,
                CONNECTION,
                UPGRADE);
    }

    @ParameterizedTest(name = "R2 3.2: the method {0} is 400")
    @ValueSource(strings = {"POST", "HEAD", "PUT"})
    void refusesOtherMethods(String method) throws Exception {
        assertRefused(400, GET.replaceFirst("GET", method), HOST, CONNECTION, UPGRADE);
    }

    @Test
    @DisplayName("R2 3.2: CONNECT with Upgrade is 400")
    void refusesConnectWithUpgrade() throws Exception {
        assertRefused(
                400, "CONNECT target.test:7 HTTP/1.1", "Host: target.test:7", CONNECTION, UPGRADE);
    }

    @ParameterizedTest(name = "R2 3.2: without exactly one Host [{0}] it is 400")
    @ValueSource(strings = {"X: y", "Host: localhost\r\nHost: localhost", "Host: a\r\nHost: b"})
    void refusesOtherThanOneHost(String hosts) throws Exception {
        assertRefused(400, GET, hosts, CONNECTION, UPGRADE);
    }

    @ParameterizedTest(name = "R2 3.2: [{0}] without Connection: Upgrade is 400")
    @ValueSource(
            strings = {
                "X: y",
                "Connection: keep-alive",
                "Connection: close",
                "Connection: x-upgrade"
            })
    void refusesAMissingConnection(String connection) throws Exception {
        assertRefused(400, GET, HOST, connection, UPGRADE);
    }

    @ParameterizedTest(name = "R2 3.2: content is refused: {0}")
    @ValueSource(
            strings = {
                "Content-Length: 1",
                "Content-Length: 0",
                "Transfer-Encoding: chunked",
                "Content-Type: a/b"
            })
    void refusesContent(String field) throws Exception {
        assertRefused(400, GET, HOST, CONNECTION, UPGRADE, field);
    }

    @ParameterizedTest(name = "{0} on the template is an ordinary request, so 405")
    @ValueSource(
            strings = {"case 6: Upgrade: not-connect-udp", "case 25, case 90: Upgrade: websocket"})
    void ignoresOtherUpgrades(String line) throws Exception {
        assertRefused(405, GET, HOST, CONNECTION, line.substring(line.indexOf("Upgrade")));
    }

    // RFC 9110, section 7.8.
    @Test
    @DisplayName("R2 3.2: HTTP/1.0 has no upgrades")
    void ignoresTheUpgradeOfHttp10() throws Exception {
        assertRefused(405, GET.replace("1.1", "1.0"), HOST, CONNECTION, UPGRADE);
    }

    @Test
    @DisplayName("case 82: an invalid port is 400 with http_request_error")
    void refusesAnInvalidPort() throws Exception {
        client.request(GET.replace("/7/", "/invalid-port/"), HOST, CONNECTION, UPGRADE);
        var head = client.awaitHead();
        assertThat(head.status()).isEqualTo(400);
        assertThat(head.fields().first("proxy-status").orElseThrow())
                .contains("error=http_request_error")
                .contains("details=");
    }

    @Test
    @DisplayName("R2 3.3: a refused upgrade leaves the connection to the next request")
    void goesOnAfterARefusedUpgrade() throws Exception {
        assertRefused(404, "GET /nowhere HTTP/1.1", HOST, CONNECTION, UPGRADE);
        assertOpens(GET, HOST, CONNECTION, UPGRADE);
    }

    @Test
    @DisplayName("R2 5: capsules in one write with the request are content of the tunnel")
    void takesBytesBehindTheRequestForContent() throws Exception {
        var head = String.join("\r\n", GET, HOST, CONNECTION, UPGRADE) + "\r\n\r\n";
        client.send(RawBytes.concat(head.getBytes(UTF_8), ping()));
        assertThat(client.awaitStatus()).isEqualTo(101);
        assertThat(client.awaitBytes(ping().length)).isEqualTo(ping());
    }

    @ParameterizedTest(name = "RFC 9931 8: what follows a refused CONNECT {0} is never executed")
    @ValueSource(strings = {"target.test", "target.test:0", "abc"})
    void closesAfterARefusedConnect(String target) throws Exception {
        client.send(
                "CONNECT "
                        + target
                        + " HTTP/1.1\r\nHost: "
                        + target
                        + "\r\n\r\n"
                        + "POST /smuggled HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
                        + String.join("\r\n", GET, HOST, CONNECTION, UPGRADE)
                        + "\r\n\r\n");
        var head = client.awaitHead();
        assertThat(head.status()).isEqualTo(400);
        assertThat(head.fields().all("connection")).containsExactly("close");
        assertThat(client.rest()).isEmpty();
        assertThat(client.awaitEnd()).isInstanceOf(TlsEnd.CloseNotify.class);
        assertThat(front.service().wasAsked()).isFalse();
    }
}

package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.tunnel.ResetCause;

/// What a front answers to request heads, good and bad.
@Timeout(60)
final class H3RequestsTest {
    private static TestFront front;
    private static RawH3Client client;

    @BeforeAll
    static void open() throws Exception {
        front = TestFront.echoing();
        client = front.connect();
    }

    @AfterAll
    static void close() {
        client.close();
        front.close();
        LeakPresenceDetector.check();
    }

    private static String[] lines(String text) {
        var lines = new ArrayList<String>();
        for (var line : text.split(" ", -1)) {
            int equals = line.indexOf('=');
            lines.add(line.substring(0, equals));
            lines.add(line.substring(equals + 1));
        }
        return lines.toArray(String[]::new);
    }

    @Test
    @DisplayName(
            "R1 2.1.1, R4 9220 3: the server sends H3_DATAGRAM and ENABLE_CONNECT_PROTOCOL = 1")
    void announcesExtendedConnectAndDatagrams() throws Exception {
        assertThat(client.peerSettings().connectProtocolEnabled()).isTrue();
        assertThat(client.peerSettings().h3DatagramEnabled()).isTrue();
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/.well-known/masque/udp/localhost/1337/ | localhost:1337",
                "/.well-known/masque/udp/1.2.3.4/9999/ | 1.2.3.4:9999",
                "/.well-known/masque/udp/%3A%3A1/1234/ | [::1]:1234",
                "/.well-known/masque/udp/2001%3adb8%3A%3A42/443/ | [2001:db8::42]:443",
                "/.well-known/masque/udp/Name.Test/65535/ | name.test:65535"
            })
    void opensAUdpTunnelTo(String path, String target) throws Exception {
        front.service().forgetRequests();
        var stream = client.request(Heads.udpPath(path));
        var head = stream.head();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.fields().all("capsule-protocol")).containsExactly("?1");
        assertThat(front.service().next().request().target()).hasToString(target);
        stream.fin();
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "/.well-known/masque/udp/a.test/0/ | 400",
                "/.well-known/masque/udp/a.test/65536/ | 400",
                "/.well-known/masque/udp/a.test/70000/ | 400",
                "/.well-known/masque/udp/a.test/99999/ | 400",
                "/.well-known/masque/udp/a.test/foobar/ | 400",
                "/.well-known/masque/udp/a.test/+80/ | 400",
                "/.well-known/masque/udp/a.test/-1/ | 400",
                "/.well-known/masque/udp/a.test/80%20/ | 400",
                "/.well-known/masque/udp/a.test/99999999999999999999/ | 400",
                "/.well-known/masque/udp/%zz/80/ | 400",
                "/.well-known/masque/udp/a%/80/ | 400",
                "/.well-known/masque/udp/a%2/80/ | 400",
                "/.well-known/masque/udp/%ff%fe/80/ | 400",
                "/.well-known/masque/udp/a%00b/80/ | 400",
                "/.well-known/masque/udp/a%0d%0ab/80/ | 400",
                "/.well-known/masque/udp/fe80%3A%3A1%25eth0/80/ | 400",
                "/.well-known/masque/udp/-bad/80/ | 400",
                "/.well-known/masque/udp/bad-.example/80/ | 400",
                "/.well-known/masque/udp/spaces%20in.host/80/ | 400",
                "/.well-known/masque/udp/127.1/80/ | 400",
                "/.well-known/masque/udp/a.test/80 | 404",
                "/.well-known/masque/udp/a.test/ | 404",
                "/.well-known/masque/udp/ | 404",
                "/.well-known/masque/ip/*/*/ | 404",
                "/some/other/path/ | 404",
                "/ | 404"
            })
    void refusesAUdpTunnelTo(String path, int status) throws Exception {
        assertRefused(Heads.udpPath(path), status);
    }

    @Test
    void refusesAnEmptyHost() throws Exception {
        var stream = client.request(Heads.udpPath("/.well-known/masque/udp//443/"));
        assertThat(stream.status()).isIn(400, 404);
    }

    @DisplayName("case 74, R4 9110 9.3.6: CONNECT without a valid host and port is 400")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.test",
                "a.test:",
                "a.test:0",
                "a.test:65536",
                "a.test:99999",
                "a.test:foobar",
                "a.test:+80",
                ":80",
                "::1:80",
                "[::1]",
                "[a.test]:80",
                "[::1:80",
                "user@a.test:80",
                "a.test:80/",
                "https://a.test:80"
            })
    void refusesATcpTunnelTo(String authority) throws Exception {
        assertRefused(new String[] {":method", "CONNECT", ":authority", authority}, 400);
    }

    private static void assertRefused(String[] head, int status) throws Exception {
        var stream = client.request(head);
        var answer = stream.head();
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.fields().first("proxy-status"))
                .hasValueSatisfying(value ->
                        assertThat(value).startsWith("\"relay\";error=http_request_error"));
        assertThat(answer.fields().contains("capsule-protocol")).isFalse();
        assertThat(stream.rest()).isEmpty();
        stream.fin();
    }

    @Test
    void opensATcpTunnelWithoutCapsules() throws Exception {
        front.service().forgetRequests();
        var stream = client.request(Heads.tcp());
        var head = stream.head();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.fields().contains("capsule-protocol")).isFalse();
        assertThat(front.service().next().request().target()).hasToString("target.test:7");
        stream.fin();
    }

    @DisplayName("case 25, case 6: another protocol or method than is served")
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        ":method=CONNECT :protocol=websocket :scheme=https :authority=localhost :path=/, 501",
        ":method=CONNECT :protocol=not-connect-udp :scheme=https :authority=a :path=/, 501",
        ":method=GET :scheme=https :authority=a :path=/.well-known/masque/udp/a.test/80/, 405",
        ":method=HEAD :scheme=https :authority=a :path=/.well-known/masque/udp/a.test/80/, 405",
        ":method=POST :scheme=https :authority=a :path=/.well-known/masque/udp/a.test/80/, 405",
        ":method=GET :protocol=connect-udp :scheme=https :authority=a :path=/, 400",
        ":method=connect :authority=a.test:80, 400"
    })
    void refusesRequests(String head, int status) throws Exception {
        assertRefused(lines(head), status);
    }

    @DisplayName("case 99, R4 9114 4.1.2, 4.4: malformed heads are H3_MESSAGE_ERROR")
    @ParameterizedTest
    @ValueSource(
            strings = {
                ":method=CONNECT",
                ":method=CONNECT :protocol=connect-udp :scheme=https :path=/.well-known/masque/udp/a.test/80/",
                ":method=CONNECT :protocol=connect-udp :scheme=https :path=/.well-known/masque/udp/a.test/80/ host=a",
                ":method=CONNECT :protocol=connect-udp :scheme=https :authority=a",
                ":method=CONNECT :protocol=connect-udp :authority=a :path=/.well-known/masque/udp/a.test/80/",
                ":method=CONNECT :authority=a.test:80 :scheme=https :path=/",
                ":method=CONNECT :authority=a.test:80 :path=/",
                ":status=200",
                ":method=CONNECT :authority=a.test:80 :unknown=1",
                ":method=CONNECT :authority=a.test:80 Upper=1",
                ":method=CONNECT :authority=a.test:80 connection=close",
                ":method=CONNECT :authority=a.test:80 keep-alive=1",
                ":method=CONNECT :authority=a.test:80 proxy-connection=keep-alive",
                ":method=CONNECT :authority=a.test:80 transfer-encoding=chunked",
                ":method=CONNECT :authority=a.test:80 upgrade=websocket",
                ":method=CONNECT :authority=a.test:80 te=gzip",
                ":method=CONNECT :authority=a.test:80 x=a\r\nb:c",
                ":method=CONNECT :authority=a.test:80 x=a\nb",
                ":method=CONNECT :authority=a.test:80 x=a\0b",
                "x=1 :method=CONNECT :authority=a.test:80"
            })
    void resetsMalformedRequests(String head) throws Exception {
        var stream = client.request(lines(head));
        assertThat(stream.resetCode()).isEqualTo(ResetCause.MESSAGE_ERROR.h3Code());
        assertThat(client.isOpen()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"content-length", "content-type"})
    void refusesFieldsThatMeanNothingWithCapsules(String name) throws Exception {
        assertRefused(Heads.udp(name, "1"), 400);
    }

    // RFC 9297, section 3.4: a value that is no Boolean true is as good as no field.
    @ParameterizedTest
    @ValueSource(strings = {"?1", "?0", "1", "\"?1\"", "", "?1;a=b"})
    void opensWhateverCapsuleProtocolSays(String value) throws Exception {
        var stream = client.request(Heads.udp("capsule-protocol", value));
        assertThat(stream.status()).isEqualTo(200);
        stream.fin();
    }

    @Test
    void goesOnServingAfterARefusal() throws Exception {
        assertRefused(Heads.udpPath("/nowhere"), 404);
        var stream = client.request(Heads.tcp());
        assertThat(stream.status()).isEqualTo(200);
        stream.data("hello");
        assertThat(stream.text(5)).isEqualTo("hello");
        stream.fin();
        assertThat(stream.rest()).isEmpty();
    }
}

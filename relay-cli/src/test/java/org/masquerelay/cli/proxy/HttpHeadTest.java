package org.masquerelay.cli.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpHeadTest {
    private static final String GOOD =
            "CONNECT web.example:443 HTTP/1.1\r\nHost: web.example:443\r\nUser-Agent: x\r\n\r\n";

    @ParameterizedTest
    @ValueSource(
            strings = {
                GOOD,
                "\r\n" + GOOD,
                "CONNECT web.example:443 HTTP/1.1\nhost:\n\n",
                "CONNECT web.example:443 HTTP/1.0\r\n\r\n"
            })
    void readsTheRequestLine(String text) throws Exception {
        assertThat(HttpHead.read(bytes(text)))
                .isEqualTo(new HttpHead("CONNECT", "web.example:443"));
    }

    @Test
    void readsNotAByteMoreThanTheHead() throws Exception {
        var in = bytes(GOOD + "early");

        HttpHead.read(in);

        assertThat(in.readAllBytes()).asString(ISO_8859_1).isEqualTo("early");
    }

    /// A head that is refused, and how.
    record Wrong(String name, String text, int status) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Wrong> wrongs() {
        String line = "CONNECT web.example:443 HTTP/1.1\r\n";
        return List.of(
                new Wrong("a TLS ClientHello", "\u0016\u0003\u0001\u0002\n", 400),
                new Wrong("no target", "CONNECT HTTP/1.1\r\n\r\n", 400),
                new Wrong("two blanks", "CONNECT  a:1 HTTP/1.1\r\n\r\n", 400),
                new Wrong("no version", "CONNECT a:1\r\n\r\n", 400),
                new Wrong("two empty lines", "\r\n\r\n" + GOOD, 400),
                new Wrong("a CR in the line", "CONNECT a:1\r HTTP/1.1\r\n\r\n", 400),
                new Wrong("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
                new Wrong("no Host", line + "\r\n", 400),
                new Wrong("two Hosts", line + "Host: a\r\nhost: a\r\n\r\n", 400),
                new Wrong("a blank before the colon", line + "Host : a\r\n\r\n", 400),
                new Wrong("a folded field", line + "Host: a\r\n b\r\n\r\n", 400),
                new Wrong("a field without a colon", line + "Host: a\r\nfield\r\n\r\n", 400),
                new Wrong("a zero byte", line + "Host: a\0b\r\n\r\n", 400),
                new Wrong("a long line", "CONNECT " + "a".repeat(17_000), 431),
                new Wrong("many fields", line + "x: y\r\n".repeat(3000), 431));
    }

    @ParameterizedTest
    @MethodSource("wrongs")
    void refusesWhatIsMalformed(Wrong wrong) {
        assertThatThrownBy(() -> HttpHead.read(bytes(wrong.text())))
                .isInstanceOfSatisfying(
                        HttpFault.class,
                        fault -> assertThat(fault.status()).isEqualTo(wrong.status()));
    }

    @Test
    void findsEveryPrefixTooShort() {
        for (int length = 0; length < GOOD.length(); length++) {
            String prefix = GOOD.substring(0, length);
            assertThatThrownBy(() -> HttpHead.read(bytes(prefix)))
                    .as("%d bytes", length)
                    .isInstanceOf(EOFException.class);
        }
    }

    private static ByteArrayInputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(ISO_8859_1));
    }
}

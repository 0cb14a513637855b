package org.masquerelay.cli.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.dns.DnsRecordType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class DnsMessagesTest {
    private static final HexFormat HEX = HexFormat.of();

    /// Header, then "example.com" and the types and classes, as RFC 1035, section 4.1, lays them
    /// out.
    private static final String QUESTION = "076578616d706c6503636f6d00" + "00010001";

    @Test
    void writesAQueryAsTheRfcSays() {
        byte[] query = DnsMessages.query(0x1234, "example.com", DnsRecordType.A);

        assertThat(HEX.formatHex(query)).isEqualTo("1234" + "0100" + "0001000000000000" + QUESTION);
    }

    @Test
    void readsRecordsOfEveryKindInWords() throws Exception {
        var answer =
                answer(
                        "8180",
                        5,
                        record("0001", "c0000221")
                                + record("001c", "20010db8000000000000000000000001")
                                + record("0010", text("say \"hi\"\u0007") + text("twice"))
                                + record("0005", "0377777703" + "6f726700")
                                + record("1234", "abcd"));

        assertThat(answer.id()).isEqualTo(0x1234);
        assertThat(answer.code()).isEqualTo("NOERROR");
        assertThat(answer.lines())
                .extracting(DnsAnswer.Line::content)
                .containsExactly(
                        "192.0.2.33",
                        "2001:db8::1",
                        "\"say \\\"hi\\\"\\007\" \"twice\"",
                        "www.org.",
                        "\\# 2 abcd");
        assertThat(answer.lines().getFirst()).hasToString("example.com. 60 IN A 192.0.2.33");
    }

    @Test
    void namesTheCodeOfAnEmptyAnswer() throws Exception {
        assertThat(answer("8183", 0, "").code()).isEqualTo("NXDOMAIN");
    }

    @Test
    void refusesEveryPrefixOfAnAnswerThatIsNotItself() throws Exception {
        byte[] whole =
                HEX.parseHex(
                        "1234818000010001" + "00000000" + QUESTION + record("0001", "c0000221"));
        assertThat(DnsMessages.answer(whole).lines()).hasSize(1);

        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> DnsMessages.answer(part)).isInstanceOf(IOException.class);
        }
    }

    private static DnsAnswer answer(String flags, int count, String records) throws IOException {
        return DnsMessages.answer(
                HEX.parseHex("1234" + flags + "0001000" + count + "00000000" + QUESTION + records));
    }

    /// For the name of the question, by a pointer to offset 12, with a TTL of 60 s.
    private static String record(String type, String content) {
        return "c00c"
                + type
                + "0001"
                + "0000003c"
                + "%04x".formatted(content.length() / 2)
                + content;
    }

    private static String text(String text) {
        return "%02x".formatted(text.length())
                + HEX.formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }
}

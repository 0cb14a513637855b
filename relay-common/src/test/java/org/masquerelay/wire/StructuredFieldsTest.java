package org.masquerelay.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StructuredFieldsTest {

    @ParameterizedTest(name = "RFC 9297, section 3.4: \"{0}\" is true")
    @ValueSource(
            strings = {
                "?1",
                " ?1 ",
                "?1;foo=bar",
                "?1; foo=\"x\\\"y\";b;c=?0;d=1.5;e=-3;f=:YQ==:",
                "?1;t=@1659578233;d=%\"f%c3%bc\""
            })
    void readsTrue(String text) {
        assertThat(StructuredFields.parseBoolean(text)).contains(true);
    }

    @Test
    void readsFalse() {
        assertThat(StructuredFields.parseBoolean("?0")).contains(false);
    }

    @ParameterizedTest(name = "cases 9 and 10: ignores \"{0}\"")
    @ValueSource(
            strings = {
                "",
                " ",
                "1",
                "\"?1\"",
                "?",
                "?2",
                "?1, ?1",
                "?1 x",
                "?1;",
                "?1;Foo",
                "?1;a=",
                "?1;a=\"",
                "?1;a=\"\\x\"",
                "?1;a=1.",
                "?1;a=1.2345",
                "?1;a=-",
                "?1;a=:YQ",
                "?1;a=:\u00e9:",
                "?1;a=@1.5",
                "?1;a=%x",
                "?1;a=1234567890123456",
                "?1;a=(1)",
                "true",
                "?1\u0000",
                "\t?1",
                "?1 ;a",
                "(?1)",
                "?\u0661",
                "?1;a=\"\\",
                "?1;a=\"\u0000\"",
                "?1;a=12345678901234567890.1"
            })
    void ignoresWhatIsNoBoolean(String text) {
        assertThat(StructuredFields.parseBoolean(text)).isEmpty();
    }

    @Test
    void boundsFields() {
        assertThat(StructuredFields.parseBoolean("?1" + ";a".repeat(8192))).isEmpty();
        StringBuilder many = new StringBuilder("?1");
        for (int i = 0; i < 65; i++) {
            many.append(";a").append(i);
        }
        assertThat(StructuredFields.parseBoolean(many.toString())).isEmpty();
    }

    @Test
    void quotesStrings() {
        assertThat(StructuredFields.string("a\"b\\c\r\n\u00e9\u007f"))
                .isEqualTo("\"a\\\"b\\\\c????\"");
    }

    @Test
    void knowsTokensAndKeys() {
        assertThat(StructuredFields.isToken("dns_error")).isTrue();
        assertThat(StructuredFields.isToken("*a/b:c")).isTrue();
        assertThat(StructuredFields.isToken("1a")).isFalse();
        assertThat(StructuredFields.isToken("a b")).isFalse();
        assertThat(StructuredFields.isToken("")).isFalse();
        assertThat(StructuredFields.isKey("next-hop")).isTrue();
        assertThat(StructuredFields.isKey("Next")).isFalse();
        assertThat(StructuredFields.isKey("")).isFalse();
    }

    @Test
    void boundsIntegers() {
        assertThat(StructuredFields.integer(-StructuredFields.MAX_INTEGER))
                .isEqualTo("-999999999999999");
        assertThatThrownBy(() -> StructuredFields.integer(StructuredFields.MAX_INTEGER + 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StructuredFields.integer(Long.MIN_VALUE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

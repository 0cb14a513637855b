package org.masquerelay.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Lists, dictionaries and inner lists of [RFC
/// 9651](https://datatracker.ietf.org/doc/html/rfc9651).
final class StructuredMembersTest {

    @ParameterizedTest(name = "[{index}] {0} is written as {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a=1,    b=2;x=1;y=2,   c=(a   b   c)|a=1, b=2;x=1;y=2, c=(a b c)",
                "a, b=?1;x, c=?0|a, b;x, c=?0",
                "a=(),b=( \"x\"  :YQ==: );p=1.50|a=(), b=(\"x\" :YQ==:);p=1.5",
                "a=:YQ:|a=:YQ==:",
                "a=-0,b=007,c=1.0,d=-0.500|a=0, b=7, c=1.0, d=-0.5",
                "a=1,b=2,a=3|a=3, b=2",
                "a=@1659578233|a=@1659578233",
                "``|``",
            })
    void writesADictionaryInItsOneNotation(String text, String canonical)
            throws WireFormatException {
        assertThat(StructuredFields.format(StructuredFields.parseDictionary(List.of(text))))
                .isEqualTo(canonical);
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @ValueSource(
            strings = {
                "a=(",
                "a=(1",
                "a=(1 2",
                "a=(1,2)",
                "a=(1)2",
                "a=(\"x\"\"y\")",
                "a=((1))",
                "a=1,",
                "a=1 b=2",
                "A=1",
                "=1",
                "a=",
                "a=:Y:",
                "a=:YQ",
                "a=:Y Q:",
                "(a b)"
            })
    void refusesWhatIsNoDictionary(String text) {
        assertThatThrownBy(() -> StructuredFields.parseDictionary(List.of(text)))
                .isInstanceOf(WireFormatException.class);
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @ValueSource(strings = {"a=1, a=1", "a=(1);p;p", "a=(1;p=1;p=2)", "a;q;q"})
    void refusesRepeatsWhereTheyAreAmbiguous(String text) throws WireFormatException {
        assertThat(StructuredFields.parseDictionary(List.of(text))).hasSize(1);
        assertThatThrownBy(() -> StructuredFields.parseUnambiguousDictionary(List.of(text)))
                .isInstanceOf(WireFormatException.class);
    }

    @Test
    void joinsTheLinesOfAField() throws WireFormatException {
        assertThat(StructuredFields.parseDictionary(List.of("a=1", "b=2"))).containsKeys("a", "b");
        assertThat(StructuredFields.parseList(List.of("a", "(b c);d"))).hasSize(2);
    }

    @Test
    void everyPrefixOfAnInnerListIsRefused() throws WireFormatException {
        String whole = "a=(\"x\";p=\"q\" 1)";
        assertThat(StructuredFields.parseDictionary(List.of(whole))).hasSize(1);
        for (int length = 2; length < whole.length(); length++) {
            String prefix = whole.substring(0, length);
            assertThatThrownBy(() -> StructuredFields.parseDictionary(List.of(prefix)))
                    .as(prefix)
                    .isInstanceOf(WireFormatException.class);
        }
    }

    @Test
    void boundsTheItemsOfAnInnerList() {
        assertThatThrownBy(() ->
                        StructuredFields.parseDictionary(List.of("a=(" + "1 ".repeat(65) + ")")))
                .isInstanceOf(WireFormatException.class);
    }

    @Test
    void givesTheBytesOfAByteSequence() throws WireFormatException {
        var item = StructuredFields.parseItem(List.of(" :aGVsbG8=: "));
        assertThat(((BareItem.Verbatim) item.value()).bytes())
                .hasValueSatisfying(bytes ->
                        assertThat(new String(bytes, StandardCharsets.UTF_8)).isEqualTo("hello"));
        assertThat(item.parameters()).isEqualTo(Map.of());
    }
}

package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The values are those of connections of OpenSSL: a line of its key log, and what
/// `SSL_export_keying_material` gave.
final class ExporterSecretTest {
    private static final String RANDOM = "ab".repeat(32);

    record Exported(String line, String withoutContext, String withContext) {
        @Override
        public String toString() {
            return line.length() < 200 ? "SHA-256" : "SHA-384";
        }
    }

    static Stream<Exported> exported() {
        return Stream.of(
                new Exported(
                        "EXPORTER_SECRET"
                                + " c86372c30494cf48bfc7dc49e89d6a3e0c7feac60fadfb4981eaccca1221e389"
                                + " 32ab921a723d470573e335e6b595482f729a5faa8d18179a2433e33da55c0da0",
                        "ca68d370ece712a8d5001e882b8283de0eba5e4dcb0b7de8"
                                + "f9e77c4a748a33da5f99ba0b924ae0374ffcbe0803ee160d",
                        "9ecbb3519ad3a6fc19bb9d0efba0f7049735ae4beb8aab55"
                                + "6c36a6cbea720957cacb2b91afe930386b60eba29b0071b0"),
                new Exported(
                        "EXPORTER_SECRET"
                                + " b9e411dd1edd978c855383a96e39bbbed71d37357be40634271a78ec058766b7"
                                + " 2d952086ed6913c18547101395ea1b9f75cbbcfef94a54f89e62381ccf3d77f8"
                                + "8d6733e2b47341963fac89a5d3cc5454",
                        "bc0268753db6c8bf3ba770dade85be3e4e76516aead4b585"
                                + "96bd9302cbfbc567a4d395118f023a9c3a9c88c7b793f253",
                        "e36b61c2d5d77a721095e36c20ebbb17f58649fe96a98a1f"
                                + "1340d27567ef8653429597cf374646460ef94f64b5a40b90"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("exported")
    void exportsWhatOpenSslDoes(Exported values) {
        var secret = ExporterSecret.parse(values.line()).orElseThrow();
        assertThat(export(secret, new byte[0])).isEqualTo(values.withoutContext());
        var context = new byte[300];
        for (int i = 0; i < context.length; i++) {
            context[i] = i < 256 ? (byte) i : (byte) 'x';
        }
        assertThat(export(secret, context)).isEqualTo(values.withContext());
    }

    private static String export(ExporterSecret secret, byte[] context) {
        var label = "EXPORTER-HTTP-Concealed-Authentication";
        return HexFormat.of().formatHex(secret.export(label, context, 48).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "EXPORTER_SECRET",
                "EXPORTER_SECRET ",
                "EXPORTER_SECRET 00",
                "EARLY_EXPORTER_SECRET 00 11",
                "CLIENT_RANDOM 00 11",
                "SERVER_TRAFFIC_SECRET_0 00 11"
            })
    void passesOtherLinesOver(String line) {
        assertThat(ExporterSecret.parse(line)).isEmpty();
    }

    @Test
    void doesNotShowItsSecret() {
        var secret = ExporterSecret.parse("EXPORTER_SECRET " + RANDOM + " " + "cd".repeat(48));
        assertThat(secret).map(Object::toString).contains("ExporterSecret");
    }

    @Test
    void refusesASecretOfNoCipherSuite() {
        assertThatThrownBy(() -> ExporterSecret.of(new byte[31]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

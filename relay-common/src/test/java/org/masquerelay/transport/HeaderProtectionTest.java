package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// The samples of RFC 9001, appendix A, and what they leave out.
final class HeaderProtectionTest {
    private static final String CLIENT_INITIAL_SECRET =
            "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea";
    private static final String CHACHA20_SECRET =
            "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b";

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private static String mask(HeaderProtection protection, String sample) {
        return HexFormat.of()
                .formatHex(
                        Arrays.copyOf(protection.mask(hex(sample)), HeaderProtection.MASK_BYTES));
    }

    /// Appendix A.2, whose secret stands for one of 1-RTT packets here.
    @Test
    void masksHeadersByAes() {
        var protection =
                new HeaderKeys(hex(CLIENT_INITIAL_SECRET)).forSuite("TLS_AES_128_GCM_SHA256");
        assertThat(mask(protection, "d1b1c98dd7689fb8ec11d242b123dc9b")).isEqualTo("437b9aec36");
        assertThat(mask(protection, "2cd0991cd25b0aac406a5816b6394100")).isNotEqualTo("437b9aec36");
        assertThat(mask(protection, "d1b1c98dd7689fb8ec11d242b123dc9b")).isEqualTo("437b9aec36");
    }

    /// Appendix A.5. Samples are what senders make them: twice the same, or with one part alone
    /// repeated.
    @Test
    void masksHeadersByChaCha20() {
        var protection =
                new HeaderKeys(hex(CHACHA20_SECRET)).forSuite("TLS_CHACHA20_POLY1305_SHA256");
        var sample = "5e5cd55c41f69080575d7999c25a5bfb";
        assertThat(mask(protection, sample)).isEqualTo("aefefe7d03");
        assertThat(mask(protection, sample)).isEqualTo("aefefe7d03");
        assertThat(mask(protection, "5f5cd55c41f69080575d7999c25a5bfb")).isNotEqualTo("aefefe7d03");
        assertThat(mask(protection, "5e5cd55c41f69080575d7999c25a5bfc")).isNotEqualTo("aefefe7d03");
        assertThat(mask(protection, sample)).isEqualTo("aefefe7d03");
    }

    @Test
    void takesTheKeyOfTheCipherSuite() {
        var sample = "d1b1c98dd7689fb8ec11d242b123dc9b";
        var sha384 = new HeaderKeys(new byte[48]);
        // As OpenSSL computes it.
        assertThat(mask(sha384.forSuite("TLS_AES_256_GCM_SHA384"), sample)).isEqualTo("ed1f96b2f0");
        var sha256 = new HeaderKeys(hex(CLIENT_INITIAL_SECRET));
        assertThat(mask(sha256.forSuite("TLS_CHACHA20_POLY1305_SHA256"), sample))
                .isNotEqualTo(mask(sha256.forSuite("TLS_AES_128_GCM_SHA256"), sample));
        assertThatThrownBy(() -> new HeaderKeys(new byte[20]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("20 bytes (expected: 32 or 48)");
    }

    @Test
    void showsNothingOfAKey() {
        assertThat(new HeaderKeys(hex(CHACHA20_SECRET))).hasToString("HeaderKeys");
    }
}

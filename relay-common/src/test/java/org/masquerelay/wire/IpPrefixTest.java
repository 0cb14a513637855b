package org.masquerelay.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IpPrefixTest {

    private static final long SEED = 4632;

    @ParameterizedTest(name = "{0} contains {1}: {2}")
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "100.64.0.0/10, 100.127.255.255, true",
        "100.64.0.0/10, 100.128.0.0, false",
        "0.0.0.0/0, 255.255.255.255, true",
        "0.0.0.0/0, ::1, false",
        "::/0, ffff::, true",
        "::/0, 1.2.3.4, false",
        "192.0.2.1/32, 192.0.2.1, true",
        "192.0.2.1/32, 192.0.2.0, false",
        "2001:db8::/33, 2001:db8:7fff::, true",
        "2001:db8::/33, 2001:db8:8000::, false"
    })
    void contains(String prefix, String address, boolean expected) throws Exception {
        assertThat(IpPrefix.parse(prefix).contains(IpLiteral.parse(address).orElseThrow()))
                .isEqualTo(expected);
        assertThat(IpPrefix.parse(prefix)).hasToString(prefix);
    }

    @ParameterizedTest(name = "refuses {0} (case 62 and malformed text)")
    @ValueSource(
            strings = {
                "10.0.0.5/24",
                "2001:db8::1/64",
                "1.2.3.4/0",
                "10.0.0.0/33",
                "::/129",
                "10.0.0.0",
                "10.0.0.0/",
                "/8",
                "10.0.0.0/-1",
                "10.0.0.0/08",
                "10.0.0.0/+8",
                "10.0.0.0/8/8",
                "10.0.0.0/999999999999",
                "::ffff:0:0/96",
                "10/8",
                "[::]/0",
                "128.0.0.0/0",
                "",
                "/",
                "2001:db8:8000::/32"
            })
    void refuses(String text) {
        assertThatThrownBy(() -> IpPrefix.parse(text)).isInstanceOf(WireFormatException.class);
    }

    @Test
    void refusesHostBitsOfProgrammers() throws Exception {
        InetAddress address = InetAddress.getByAddress(new byte[] {10, 0, 0, 5});
        assertThatThrownBy(() -> new IpPrefix(address, 24))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new IpPrefix(address, 33))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void agreesWithArithmeticOnRandomPrefixes() throws Exception {
        Random random = new Random(SEED);
        for (int i = 0; i < 10_000; i++) {
            int size = random.nextBoolean() ? 4 : 16;
            byte[] base = new byte[size];
            random.nextBytes(base);
            byte[] other = base.clone();
            other[random.nextInt(size)] ^= (byte) (1 << random.nextInt(8));
            int length = random.nextInt(8 * size + 1);
            int shift = 8 * size - length;
            BigInteger cut = new BigInteger(1, base).shiftRight(shift);
            byte[] network = bytes(cut.shiftLeft(shift), size);
            InetAddress candidate = InetAddress.getByAddress(other);
            assertThat(new IpPrefix(InetAddress.getByAddress(network), length).contains(candidate))
                    .as("seed %d, round %d", SEED, i)
                    .isEqualTo(new BigInteger(1, other).shiftRight(shift).equals(cut));
        }
    }

    private static byte[] bytes(BigInteger value, int size) {
        byte[] out = new byte[size];
        for (int i = 0; i < size; i++) {
            out[size - 1 - i] = value.shiftRight(8 * i).byteValue();
        }
        return out;
    }
}

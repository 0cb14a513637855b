package org.masquerelay.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IpLiteralTest {

    private static final long SEED = 5952;

    @ParameterizedTest(name = "RFC 5952, section 4: {0} is written {1}")
    @CsvSource({
        "2001:0db8::0001, 2001:db8::1",
        "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:DB8::ABCD, 2001:db8::abcd",
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "255.255.255.255, 255.255.255.255",
        "0.0.0.0, 0.0.0.0"
    })
    void formatsCanonically(String text, String canonical) {
        InetAddress address = IpLiteral.parse(text).orElseThrow();
        assertThat(IpLiteral.format(address)).isEqualTo(canonical);
        assertThat(IpLiteral.parse(canonical)).contains(address);
    }

    @Test
    void readsMappedAddressesAsIpv4() {
        assertThat(IpLiteral.parse("::ffff:7f00:1").orElseThrow()).isInstanceOf(Inet4Address.class);
    }

    @Test
    void agreesWithTheJdkOnRandomAddresses() throws Exception {
        Random random = new Random(SEED);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = new byte[16];
            for (int group = 0; group < 8; group++) {
                if (random.nextBoolean()) {
                    bytes[2 * group] = (byte) random.nextInt();
                    bytes[2 * group + 1] = (byte) random.nextInt();
                }
            }
            InetAddress address = InetAddress.getByAddress(bytes);
            String text = IpLiteral.format(address);
            assertThat(InetAddress.ofLiteral(text)).as("seed %d", SEED).isEqualTo(address);
            assertThat(IpLiteral.parse(text)).contains(address);
            assertThat(IpLiteral.parse(address.getHostAddress())).contains(address);
        }
    }
}

package org.masquerelay.egress.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.wire.IpPrefix;

final class AddressPoolTest {
    private static Set<InetAddress> draws(String block, int count) throws Exception {
        var random = new Random(7);
        var pool = new AddressPool(IpPrefix.parse(block));
        var drawn = new HashSet<InetAddress>();
        for (int i = 0; i < count; i++) {
            drawn.add(pool.draw(random));
        }
        return drawn;
    }

    @ParameterizedTest
    @CsvSource({
        "198.51.100.0/24, 254",
        "198.51.100.128/25, 126",
        "198.51.100.64/29, 6",
        "198.51.100.4/30, 2",
        "198.51.100.4/31, 2",
        "198.51.100.4/32, 1",
        "198.51.96.0/22, 1022",
        "2001:db8::/120, 255",
        "2001:db8::10/126, 3",
        "2001:db8::10/127, 2",
        "2001:db8::10/128, 1"
    })
    void drawsEveryAddressThatAHostCanHave(String block, int hosts) throws Exception {
        assertThat(draws(block, hosts * 20))
                .hasSize(hosts)
                .allMatch(IpPrefix.parse(block)::contains);
    }

    @Test
    void leavesOutTheNetworkTheBroadcastAndTheRoutersAddress() throws Exception {
        assertThat(draws("198.51.100.4/30", 100))
                .containsExactlyInAnyOrder(
                        InetAddress.ofLiteral("198.51.100.5"),
                        InetAddress.ofLiteral("198.51.100.6"));
        assertThat(draws("2001:db8::10/126", 100))
                .doesNotContain(InetAddress.ofLiteral("2001:db8::10"));
    }

    @Test
    void drawsFromAllOfALargeBlock() throws Exception {
        var drawn = draws("2001:db8::/33", 1000);
        assertThat(drawn).hasSize(1000).allMatch(IpPrefix.parse("2001:db8::/33")::contains);
        for (int i = 4; i < 16; i++) {
            int index = i;
            var values = new HashSet<Byte>();
            drawn.forEach(address -> values.add(address.getAddress()[index]));
            assertThat(values).as("byte %d", i).hasSizeGreaterThan(i == 4 ? 100 : 220);
        }
    }
}

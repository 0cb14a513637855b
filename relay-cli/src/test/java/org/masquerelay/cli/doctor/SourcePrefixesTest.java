package org.masquerelay.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.doctor.Finding.Mark;
import org.masquerelay.wire.IpPrefix;

final class SourcePrefixesTest {
    private static final String FIB_TRIE =
            """
            Main:
              +-- 0.0.0.0/0 2 0 2
                 +-- 127.0.0.0/8 2 0 2
                    |-- 127.0.0.0
                       /8 host LOCAL
                    |-- 127.255.255.255
                       /32 link BROADCAST
                 |-- 198.51.100.0
                    /24 host LOCAL
                 |-- 203.0.113.0
                    /24 link UNICAST
                    /30 host LOCAL
            """;

    private static final String IPV6_ROUTE =
            """
            00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001       lo
            20010db8000100000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 80000001       lo
            20010db8000200000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 00000001     eth0
            nonsense
            """;

    @TempDir private Path root = Path.of("");

    @Test
    void readsLocalRoutesOfBothFamilies() throws Exception {
        var host = new HostTree(root);
        host.write("proc/net/fib_trie", FIB_TRIE);
        host.write("proc/net/ipv6_route", IPV6_ROUTE);
        var routes = LocalRoutes.of(host.files());

        assertThat(routes.cover(IpPrefix.parse("198.51.100.0/24"))).isTrue();
        assertThat(routes.cover(IpPrefix.parse("198.51.100.128/25"))).isTrue();
        assertThat(routes.cover(IpPrefix.parse("198.51.0.0/16"))).isFalse();
        assertThat(routes.cover(IpPrefix.parse("203.0.113.0/30"))).isTrue();
        assertThat(routes.cover(IpPrefix.parse("203.0.113.0/24"))).isFalse();
        assertThat(routes.cover(IpPrefix.parse("2001:db8:1::/64"))).isTrue();
        assertThat(routes.cover(IpPrefix.parse("2001:db8:1::/63"))).isFalse();
        assertThat(routes.cover(IpPrefix.parse("2001:db8:2::/64"))).isFalse();
    }

    @Test
    void findsNothingWrongWhereThePrefixIsRoutedThoughTheHostForbidsForeignAddresses()
            throws Exception {
        var host = new HostTree(root);
        host.write("proc/net/fib_trie", FIB_TRIE);
        host.set("net.ipv4.ip_nonlocal_bind", "0");

        assertThat(find(host, "198.51.100.0/24"))
                .hasSize(2)
                .allMatch(finding -> finding.mark() == Mark.OK);
    }

    @Test
    void saysHowToRoute() throws Exception {
        var host = new HostTree(root);

        assertThat(find(host, "2001:db8:1::/64").subList(0, 1))
                .extracting(Finding::mark, Finding::change)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                Mark.FAIL, "ip -6 route replace local 2001:db8:1::/64 dev lo"));
    }

    private static List<Finding> find(HostTree host, String prefix) throws Exception {
        return new SourcePrefixes(host.files(), List.of(IpPrefix.parse(prefix))).findings();
    }
}

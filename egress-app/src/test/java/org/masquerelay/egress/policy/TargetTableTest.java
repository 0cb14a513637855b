package org.masquerelay.egress.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.egress.rule.Destination.Network;
import org.masquerelay.egress.rule.Dscp;
import org.masquerelay.egress.rule.PortRanges;
import org.masquerelay.egress.rule.PortRanges.Range;
import org.masquerelay.egress.rule.Protocol;
import org.masquerelay.egress.rule.TargetRule;

final class TargetTableTest {
    private static final List<Protocol> PROTOCOLS = List.of(Protocol.values());

    private static TargetTable table(String... lines) throws Exception {
        var rules = new ArrayList<TargetRule>();
        for (var line : lines) {
            rules.add(TargetRule.of(List.of(line.split(" "))));
        }
        return TargetTable.of(rules);
    }

    private static int name(TargetTable table, String name, int port) {
        return dscp(table.ofName(name, Protocol.TCP, port));
    }

    private static int address(TargetTable table, String address, int port) {
        return dscp(table.ofAddress(InetAddress.ofLiteral(address), Protocol.TCP, port));
    }

    private static int dscp(int mark) {
        return mark == Mark.NONE ? -1 : Mark.dscp(mark).orElseThrow().value();
    }

    @Test
    void takesTheMostExactNameThatHasThePort() throws Exception {
        var table =
                table(
                        "* *.example.com * 1",
                        "tcp *.b.example.com 443 2",
                        "tcp a.b.example.com 443 3",
                        "tcp *.com 80 4");
        assertThat(name(table, "a.b.example.com", 443)).isEqualTo(3);
        assertThat(name(table, "a.b.example.com", 444)).isEqualTo(1);
        assertThat(name(table, "x.b.example.com", 443)).isEqualTo(2);
        assertThat(name(table, "x.y.b.example.com", 443)).isEqualTo(2);
        assertThat(name(table, "b.example.com", 443)).isEqualTo(1);
        assertThat(name(table, "example.com", 443)).isEqualTo(-1);
        assertThat(name(table, "example.com", 80)).isEqualTo(4);
        assertThat(name(table, "anexample.com", 443)).isEqualTo(-1);
        assertThat(name(table, "com", 80)).isEqualTo(-1);
    }

    @Test
    void takesTheFirstOfSeveralRulesForOneDestination() throws Exception {
        var table =
                table(
                        "tcp a.example 50-60 1",
                        "udp a.example * 2",
                        "tcp a.example 40-70 3",
                        "tcp a.example * 4");
        assertThat(name(table, "a.example", 50)).isEqualTo(1);
        assertThat(name(table, "a.example", 60)).isEqualTo(1);
        assertThat(name(table, "a.example", 49)).isEqualTo(3);
        assertThat(name(table, "a.example", 61)).isEqualTo(3);
        assertThat(name(table, "a.example", 71)).isEqualTo(4);
        assertThat(name(table, "a.example", 65535)).isEqualTo(4);
        assertThat(dscp(table.ofName("a.example", Protocol.UDP, 50))).isEqualTo(2);
        assertThat(table.ofName("a.example", Protocol.IP, 50)).isEqualTo(Mark.NONE);
    }

    @Test
    void takesTheSmallestNetworkThatHasThePort() throws Exception {
        var table =
                table(
                        "* 0.0.0.0/0 * 1",
                        "tcp 10.0.0.0/8 443 2",
                        "tcp 10.1.0.0/16 80 3",
                        "tcp 10.1.2.3 443 4",
                        "tcp ::/0 443 5",
                        "tcp 2001:db8::/33 443 6");
        assertThat(address(table, "10.1.2.3", 443)).isEqualTo(4);
        assertThat(address(table, "10.1.2.3", 80)).isEqualTo(3);
        assertThat(address(table, "10.1.2.4", 443)).isEqualTo(2);
        assertThat(address(table, "10.1.2.3", 22)).isEqualTo(1);
        assertThat(address(table, "11.0.0.0", 443)).isEqualTo(1);
        assertThat(address(table, "2001:db8:7fff::1", 443)).isEqualTo(6);
        assertThat(address(table, "2001:db8:8000::1", 443)).isEqualTo(5);
        assertThat(address(table, "2001:db8::1", 80)).isEqualTo(-1);
    }

    @Test
    void takesAMappedAddressForTheOneInside() throws Exception {
        var mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        mapped[12] = 10;
        var address = java.net.Inet6Address.getByAddress(null, mapped, -1);
        assertThat(dscp(table("* 10.0.0.0/8 * 7").ofAddress(address, Protocol.TCP, 1)))
                .isEqualTo(7);
    }

    /// The trie against a list that is searched from end to end.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void findsWhatASearchThroughAllRulesFinds(long seed) throws Exception {
        var random = new Random(seed);
        var rules = new ArrayList<TargetRule>();
        for (int i = 0; i < 400; i++) {
            rules.add(randomRule(random));
        }
        var table = TargetTable.of(rules);
        for (int i = 0; i < 4000; i++) {
            var address = random.nextBoolean() ? randomV4(random, 32) : randomV6(random, 128);
            var protocol = PROTOCOLS.get(random.nextInt(4));
            int port = random.nextInt(8);
            assertThat(table.ofAddress(address, protocol, port))
                    .as("%s %s %d", address, protocol, port)
                    .isEqualTo(searched(rules, address, protocol, port));
        }
    }

    private static TargetRule randomRule(Random random) throws Exception {
        int length = random.nextInt(33);
        var network =
                random.nextBoolean()
                        ? new Network(randomV4(random, length), length)
                        : new Network(randomV6(random, 4 * length), 4 * length);
        int first = random.nextInt(8);
        var ports = new PortRanges(List.of(new Range(first, first + random.nextInt(3))));
        return new TargetRule(
                Set.of(PROTOCOLS.get(random.nextInt(4))),
                network,
                ports,
                Optional.of(new Dscp(random.nextInt(64))));
    }

    /// Few addresses, so that networks overlap.
    private static InetAddress randomV4(Random random, int length) throws UnknownHostException {
        return masked(
                new byte[] {10, (byte) (random.nextInt(4) << 6), 0, (byte) pick(random)}, length);
    }

    private static InetAddress randomV6(Random random, int length) throws UnknownHostException {
        var bytes = new byte[16];
        bytes[0] = 0x20;
        bytes[5] = (byte) (random.nextInt(4) << 6);
        bytes[8] = (byte) pick(random);
        bytes[15] = (byte) pick(random);
        return masked(bytes, length);
    }

    private static int pick(Random random) {
        return 1 << random.nextInt(8);
    }

    private static InetAddress masked(byte[] bytes, int length) throws UnknownHostException {
        for (int i = length; i < 8 * bytes.length; i++) {
            bytes[i / 8] &= (byte) ~(0x80 >> i % 8);
        }
        return InetAddress.getByAddress(bytes);
    }

    private static int searched(
            List<TargetRule> rules, InetAddress address, Protocol protocol, int port)
            throws UnknownHostException {
        int best = Mark.NONE;
        int length = -1;
        for (var rule : rules) {
            var network = (Network) rule.destination();
            boolean matches =
                    rule.protocols().contains(protocol)
                            && rule.ports().contains(port)
                            && network.address().getClass() == address.getClass()
                            && masked(address.getAddress(), network.length())
                                    .equals(network.address());
            if (matches && network.length() > length) {
                length = network.length();
                best = Mark.of(rule.dscp(), TargetTable.opens(network));
            }
        }
        return best;
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0,8,true",
        "10.50.0.0,16,true",
        "10.0.0.0,7,false",
        "0.0.0.0,0,false",
        "9.9.9.9,32,false",
        "127.0.0.1,32,true",
        "192.168.0.0,16,true",
        "192.0.0.0,8,false",
        "fd00::,8,true",
        "::,0,false",
        "2000::,3,false",
        "::1,128,true",
        "4000::,2,true",
        "2001:db8::,33,true",
        "2001::,23,false",
        "2001::,32,true",
        "2001:3::,32,false",
        "2606:4700::,32,false",
        "2002::,16,true",
        "2002::,15,false"
    })
    void knowsNetworksWithoutAPublicAddress(String address, int length, boolean without) {
        assertThat(NonPublicNetworks.contain(InetAddress.ofLiteral(address), length))
                .isEqualTo(without);
    }
}

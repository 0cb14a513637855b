package org.masquerelay.egress.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.wire.IpLiteral;
import org.masquerelay.wire.IpPrefix;
import org.masquerelay.wire.WireFormatException;

final class NonPublicNetworksTest {

    private static final long SEED = 9298;

    /// The registries again, as plain text, in the order of IANA. More specific lines win.
    private static final List<String> REFUSED =
            List.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/4",
                    "240.0.0.0/4",
                    "255.255.255.255/32",
                    "::/8", // with ::1, mapped, compatible, 64:ff9b::/96 and 64:ff9b:1::/48
                    "100::/8", // with 100::/64 and 100:0:0:1::/64
                    "200::/7",
                    "400::/6",
                    "800::/5",
                    "1000::/4",
                    "2001::/23",
                    "2001::/32",
                    "2001:2::/48",
                    "2001:10::/28",
                    "2001:db8::/32",
                    "2002::/16",
                    "3fff::/20",
                    "4000::/3", // with 5f00::/16
                    "6000::/3",
                    "8000::/3",
                    "a000::/3",
                    "c000::/3",
                    "e000::/4",
                    "f000::/5",
                    "f800::/6",
                    "fc00::/7",
                    "fe00::/9",
                    "fe80::/10",
                    "fec0::/10",
                    "ff00::/8");

    private static final List<String> ALLOWED =
            List.of("2001:3::/32", "2001:4:112::/48", "2001:20::/28", "2001:30::/28");

    private static final List<IpPrefix> REFUSED_PREFIXES = prefixes(REFUSED);
    private static final List<IpPrefix> ALLOWED_PREFIXES = prefixes(ALLOWED);

    @ParameterizedTest(name = "case 115: refuses {0}")
    @ValueSource(
            strings = {
                "100.64.0.1", "100.127.255.255", "198.18.0.1", "192.0.0.1", "192.88.99.1",
                "240.0.0.1", "::ffff:127.0.0.1", "64:ff9b::1", "64:ff9b:1::1", "2001::1",
                "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fec0::1",
                "fc00::1", "fe80::1", "ff02::1", "100::1", "::127.0.0.1",
                "2001:2::1", "2001:10::1"
            })
    void refusesAddressesOfTheTable(String text) {
        assertThat(NonPublicNetworks.isPublic(address(text))).isFalse();
    }

    @ParameterizedTest(name = "case 116: allows {0}")
    @ValueSource(
            strings = {
                "100.63.255.255",
                "100.128.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "203.0.114.1",
                "3fff:1000::1",
                "2001:3::1"
            })
    void allowsTheNeighboursOfTheTable(String text) {
        assertThat(NonPublicNetworks.isPublic(address(text))).isTrue();
    }

    @ParameterizedTest(name = "refuses {0}")
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "10.255.255.255",
                "127.0.0.1",
                "127.255.255.255",
                "169.254.169.254",
                "172.16.0.0",
                "172.31.255.255",
                "192.0.0.9",
                "192.0.2.1",
                "192.168.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.255",
                "224.0.0.1",
                "239.255.255.255",
                "255.255.255.255",
                "::",
                "::1",
                "::8.8.8.8",
                "64:ff9b::808:808",
                "64:ff9b:1:ffff::1",
                "100:0:0:1::1",
                "2001:0:4136:e378::1",
                "2001:1::1",
                "2001:1ff:ffff::1",
                "2002:808:808::1",
                "3fff:fff:ffff::1",
                "4000::1",
                "fd00::1",
                "febf::1",
                "feff::1",
                "ff0e::1",
                "ffff:ffff::1"
            })
    void refusesWhatIsNotGloballyReachable(String text) {
        assertThat(NonPublicNetworks.isPublic(address(text))).isFalse();
    }

    @ParameterizedTest(name = "allows {0}")
    @ValueSource(
            strings = {
                "1.0.0.0",
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "169.253.255.255",
                "169.255.0.0",
                "191.255.255.255",
                "192.0.1.0",
                "192.0.3.0",
                "192.31.196.1",
                "192.52.193.1",
                "192.88.98.255",
                "192.88.100.0",
                "192.167.255.255",
                "192.169.0.0",
                "192.175.48.1",
                "198.17.255.255",
                "198.20.0.0",
                "198.51.101.0",
                "203.0.112.255",
                "223.255.255.255",
                "::ffff:8.8.8.8",
                "2000::1",
                "2001:4:112::1",
                "2001:20::1",
                "2001:30::1",
                "2001:200::1",
                "2001:4860:4860::8888",
                "2001:db7::1",
                "2001:db9::1",
                "2003::1",
                "2606:4700:4700::1111",
                "2620:4f:8000::1",
                "3ffe::1"
            })
    void allowsWhatIsGloballyReachable(String text) {
        assertThat(NonPublicNetworks.isPublic(address(text))).isTrue();
    }

    @Test
    void refusesMappedAddressesThatJavaKeptAsIpv6() throws Exception {
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        mapped[12] = 127;
        mapped[15] = 1;
        InetAddress kept = Inet6Address.getByAddress(null, mapped, 1);
        assertThat(kept).isInstanceOf(Inet6Address.class);
        assertThat(NonPublicNetworks.isPublic(kept)).isFalse();
    }

    @Test
    void agreesWithThePlainListAtEveryEdge() throws Exception {
        for (IpPrefix prefix : REFUSED_PREFIXES) {
            agreesAround(prefix);
        }
        for (IpPrefix prefix : ALLOWED_PREFIXES) {
            agreesAround(prefix);
        }
    }

    @Test
    void agreesWithThePlainListOnRandomAddresses() throws Exception {
        Random random = new Random(SEED);
        List<IpPrefix> all = new ArrayList<>(REFUSED_PREFIXES);
        all.addAll(ALLOWED_PREFIXES);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            agrees(InetAddress.getByAddress(bytes));
            // Random addresses seldom hit small blocks: take one and change the bits behind its
            // length.
            IpPrefix prefix = all.get(random.nextInt(all.size()));
            byte[] inside = prefix.address().getAddress();
            for (int bit = prefix.length(); bit < 8 * inside.length; bit++) {
                if (random.nextBoolean()) {
                    inside[bit / 8] |= (byte) (0x80 >>> bit % 8);
                }
            }
            agrees(InetAddress.getByAddress(inside));
        }
    }

    private static void agreesAround(IpPrefix prefix) throws Exception {
        byte[] first = prefix.address().getAddress();
        byte[] last = first.clone();
        for (int bit = prefix.length(); bit < 8 * last.length; bit++) {
            last[bit / 8] |= (byte) (0x80 >>> bit % 8);
        }
        agrees(InetAddress.getByAddress(first));
        agrees(InetAddress.getByAddress(last));
        agrees(InetAddress.getByAddress(plus(first, -1)));
        agrees(InetAddress.getByAddress(plus(last, 1)));
    }

    private static byte[] plus(byte[] address, int step) {
        byte[] out = address.clone();
        int carry = step;
        for (int i = out.length - 1; i >= 0 && carry != 0; i--) {
            int sum = (out[i] & 0xff) + carry;
            out[i] = (byte) sum;
            carry = sum >> 8;
        }
        return out;
    }

    private static void agrees(InetAddress address) {
        assertThat(NonPublicNetworks.isPublic(address))
                .as("%s (seed %d)", address.getHostAddress(), SEED)
                .isEqualTo(isPublicByPlainList(address));
    }

    private static boolean isPublicByPlainList(InetAddress address) {
        return ALLOWED_PREFIXES.stream().anyMatch(prefix -> prefix.contains(address))
                || REFUSED_PREFIXES.stream().noneMatch(prefix -> prefix.contains(address));
    }

    private static List<IpPrefix> prefixes(List<String> texts) {
        return texts.stream().map(NonPublicNetworksTest::prefix).toList();
    }

    private static IpPrefix prefix(String text) {
        try {
            return IpPrefix.parse(text);
        } catch (WireFormatException e) {
            throw new AssertionError(text, e);
        }
    }

    private static InetAddress address(String text) {
        return IpLiteral.parse(text).orElseThrow();
    }
}

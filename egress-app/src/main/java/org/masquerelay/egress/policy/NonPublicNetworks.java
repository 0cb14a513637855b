package org.masquerelay.egress.policy;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;

/// The addresses that are not on the public Internet, so that a tunnel never reaches the network of
/// the egress.
///
/// After the [IPv4](https://www.iana.org/assignments/iana-ipv4-special-registry) and
/// [IPv6](https://www.iana.org/assignments/iana-ipv6-special-registry) special-purpose registries
/// of IANA, with everything refused that is not globally reachable. Also refused are addresses with
/// an IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo), because they would lead around
/// the IPv4 table, and the anycast addresses of 192.0.0.0/24 and 2001:1::/32, because the network
/// of the egress answers them itself.
public final class NonPublicNetworks {

    /// A block of IPv4, or of the first half of IPv6: the bits under the mask are those of the
    /// value.
    private record Block(long value, long mask) {
        boolean contains(long bits) {
            return (bits & mask) == value;
        }

        boolean contains(Block other) {
            return (other.mask & mask) == mask && contains(other.value);
        }

        boolean overlaps(Block other) {
            return ((value ^ other.value) & mask & other.mask) == 0;
        }
    }

    private static final Block[] REFUSED_V4 = {
        v4(0x00000000, 8), // this network, RFC 791
        v4(0x0a000000, 8), // private, RFC 1918
        v4(0x64400000, 10), // shared behind carrier NAT, RFC 6598
        v4(0x7f000000, 8), // loopback, RFC 1122
        v4(0xa9fe0000, 16), // link-local, RFC 3927; cloud metadata services live here
        v4(0xac100000, 12), // private, RFC 1918
        v4(0xc0000000, 24), // IETF protocol assignments, RFC 6890
        v4(0xc0000200, 24), // documentation, RFC 5737
        v4(0xc0586300, 24), // 6to4 relays, RFC 7526
        v4(0xc0a80000, 16), // private, RFC 1918
        v4(0xc6120000, 15), // benchmarking, RFC 2544
        v4(0xc6336400, 24), // documentation, RFC 5737
        v4(0xcb007100, 24), // documentation, RFC 5737
        v4(0xe0000000, 4), // multicast, RFC 5771
        v4(0xf0000000, 4), // reserved, RFC 1112, and limited broadcast
    };

    /// The only space that global unicast addresses come from, RFC 4291, section 2.4, and IANA. All
    /// the rest is refused: loopback, mapped, NAT64, discard-only, segment routing, unique and
    /// link-local, multicast.
    private static final Block GLOBAL_UNICAST = v6(0x2000_0000_0000_0000L, 3);

    private static final Block IETF_PROTOCOLS = v6(0x2001_0000_0000_0000L, 23);

    /// The parts of [#IETF_PROTOCOLS] that are globally reachable.
    private static final Block[] ALLOWED_IETF_PROTOCOLS = {
        v6(0x2001_0003_0000_0000L, 32), // AMT, RFC 7450
        v6(0x2001_0004_0112_0000L, 48), // AS112, RFC 7535
        v6(0x2001_0020_0000_0000L, 28), // ORCHIDv2, RFC 7343
        v6(0x2001_0030_0000_0000L, 28), // drone remote identification, RFC 9374
    };

    private static final Block[] REFUSED_GLOBAL_UNICAST = {
        v6(0x2001_0db8_0000_0000L, 32), // documentation, RFC 3849
        v6(0x2002_0000_0000_0000L, 16), // 6to4, RFC 3056
        v6(0x3fff_0000_0000_0000L, 20), // documentation, RFC 9637
    };

    private NonPublicNetworks() {}

    /// Whether a tunnel may go to this address without permission for the networks of the egress.
    public static boolean isPublic(InetAddress address) {
        return switch (address) {
            case Inet4Address v4 -> !isIn(REFUSED_V4, AddressBits.bits(v4.getAddress(), 0, 4));
            case Inet6Address v6 -> isPublicV6(AddressBits.bits(v6.getAddress(), 0, 8));
            default -> false;
        };
    }

    /// Whether no address of this network is public. A network that is made of several blocks of a
    /// registry does not count.
    static boolean contain(InetAddress network, int length) {
        return switch (network) {
            case Inet4Address v4 ->
                    isAnyAround(
                            REFUSED_V4,
                            block(AddressBits.bits(v4.getAddress(), 0, 4), length, Integer.SIZE));
            case Inet6Address v6 ->
                    containV6(
                            block(
                                    AddressBits.bits(v6.getAddress(), 0, 8),
                                    Math.min(length, Long.SIZE),
                                    Long.SIZE));
            default -> false;
        };
    }

    private static boolean containV6(Block network) {
        if (!GLOBAL_UNICAST.overlaps(network)) {
            return true;
        }
        if (IETF_PROTOCOLS.contains(network)) {
            for (Block allowed : ALLOWED_IETF_PROTOCOLS) {
                if (allowed.overlaps(network)) {
                    return false;
                }
            }
            return true;
        }
        return isAnyAround(REFUSED_GLOBAL_UNICAST, network);
    }

    private static boolean isAnyAround(Block[] blocks, Block network) {
        for (Block block : blocks) {
            if (block.contains(network)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPublicV6(long prefix) {
        if (!GLOBAL_UNICAST.contains(prefix)) {
            return false;
        }
        if (IETF_PROTOCOLS.contains(prefix)) {
            return isIn(ALLOWED_IETF_PROTOCOLS, prefix);
        }
        return !isIn(REFUSED_GLOBAL_UNICAST, prefix);
    }

    private static boolean isIn(Block[] blocks, long bits) {
        for (Block block : blocks) {
            if (block.contains(bits)) {
                return true;
            }
        }
        return false;
    }

    private static Block v4(int value, int length) {
        return block(value & 0xffff_ffffL, length, Integer.SIZE);
    }

    private static Block v6(long value, int length) {
        return block(value, length, Long.SIZE);
    }

    private static Block block(long value, int length, int bits) {
        long all = -1L >>> (Long.SIZE - bits);
        return new Block(value, length == 0 ? 0 : all << (bits - length) & all);
    }
}

package org.masquerelay.egress.policy;

import java.net.InetAddress;

/// An address as 128 bits, the first one highest; an IPv4 address is the first 32 of them.
record AddressBits(boolean isV4, long high, long low) {
    private static final int V4_BYTES = 4;

    /// What stands before the IPv4 address in a mapped one (RFC 4291, section 2.5.5.2).
    private static final long MAPPED = 0xffff;

    /// An IPv4-mapped address is the IPv4 address inside, or rules for that one would not count.
    static AddressBits of(InetAddress address) {
        var bytes = address.getAddress();
        if (bytes.length == V4_BYTES) {
            return new AddressBits(true, bits(bytes, 0, V4_BYTES) << 32, 0);
        }
        long high = bits(bytes, 0, 8);
        long low = bits(bytes, 8, 16);
        return high == 0 && low >>> 32 == MAPPED
                ? new AddressBits(true, low << 32, 0)
                : new AddressBits(false, high, low);
    }

    /// The bits of these bytes, eight at most.
    static long bits(byte[] bytes, int start, int end) {
        long bits = 0;
        for (int i = start; i < end; i++) {
            bits = bits << 8 | (bytes[i] & 0xff);
        }
        return bits;
    }

    /// The bit at this index, which is below 128.
    boolean isSet(int index) {
        long word = index < Long.SIZE ? high : low;
        return (word >>> (63 - (index & 63)) & 1) != 0;
    }

    /// How many bits are the same at the start of both.
    int commonWith(AddressBits other) {
        int first = Long.numberOfLeadingZeros(high ^ other.high);
        return first < Long.SIZE ? first : Long.SIZE + Long.numberOfLeadingZeros(low ^ other.low);
    }
}

package org.masquerelay.egress.source;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.random.RandomGenerator;
import org.masquerelay.wire.IpPrefix;

/// The addresses of a block that hosts can have, to be drawn from.
public final class AddressPool {
    /// In a block this much shorter than an address, or more, the first address stands for no host:
    /// the network's in IPv4, in IPv6 that of any router (RFC 4291, section 2.6.1). So does the
    /// last one in IPv4 (RFC 919, section 7). A block of two has hosts only (RFC 3021, RFC 6164).
    private static final int MIN_RESERVING_BITS = 2;

    private static final int V4_BYTES = 4;

    private final byte[] first;
    private final int length;

    public AddressPool(IpPrefix block) {
        this.first = block.address().getAddress();
        this.length = block.length();
    }

    /// The one address.
    public static AddressPool of(InetAddress address) {
        return new AddressPool(new IpPrefix(address, 8 * address.getAddress().length));
    }

    /// Any of them, each as likely as the others.
    InetAddress draw(RandomGenerator random) {
        byte[] drawn = first.clone();
        if (length < 8 * first.length) {
            do {
                drawBehindThePrefix(drawn, random);
            } while (isReserved(drawn));
        }
        return address(drawn);
    }

    private void drawBehindThePrefix(byte[] into, RandomGenerator random) {
        int whole = length >>> 3;
        byte[] bits = new byte[first.length - whole];
        random.nextBytes(bits);
        bits[0] &= (byte) (0xff >>> (length & 7));
        for (int i = 0; i < bits.length; i++) {
            into[whole + i] = (byte) (first[whole + i] | bits[i]);
        }
    }

    private boolean isReserved(byte[] candidate) {
        return 8 * first.length - length >= MIN_RESERVING_BITS
                && (hasHostBits(candidate, 0x00)
                        || (first.length == V4_BYTES && hasHostBits(candidate, 0xff)));
    }

    private boolean hasHostBits(byte[] candidate, int bits) {
        int whole = length >>> 3;
        int mask = 0xff >>> (length & 7);
        if ((candidate[whole] & mask) != (bits & mask)) {
            return false;
        }
        for (int i = whole + 1; i < candidate.length; i++) {
            if ((candidate[i] & 0xff) != bits) {
                return false;
            }
        }
        return true;
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address: " + bytes.length + " bytes", e);
        }
    }
}

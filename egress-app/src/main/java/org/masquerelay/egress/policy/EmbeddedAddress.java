package org.masquerelay.egress.policy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Finds the IPv4 address that a translator or a tunnel brings packets to that are sent to an IPv6
/// address.
///
/// Those are the well-known prefixes; a prefix that an operator has chosen for a translator of its
/// own (RFC 6052, section 2.2) is not known here.
final class EmbeddedAddress {
    private static final int V4_BYTES = 4;

    /// NAT64 (RFC 6052, section 2.1).
    private static final byte[] NAT64 = {
        0x00, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0
    };

    /// NAT64 for local use (RFC 8215), of which all is taken for prefixes of 96 bits.
    private static final byte[] LOCAL_NAT64 = {0x00, 0x64, (byte) 0xff, (byte) 0x9b, 0, 1};

    /// 6to4 (RFC 3056, section 2).
    private static final byte[] SIX_TO_FOUR = {0x20, 0x02};

    /// IPv4-compatible addresses (RFC 4291, section 2.5.5.1).
    private static final byte[] COMPATIBLE = new byte[12];

    private EmbeddedAddress() {}

    /// Null if there is none. A mapped address is the IPv4 address itself and embeds none.
    static @Nullable InetAddress in(InetAddress address) {
        if (!(address instanceof Inet6Address v6)) {
            return null;
        }
        if (v6.isAnyLocalAddress() || v6.isLoopbackAddress()) {
            return null;
        }
        var bytes = v6.getAddress();
        if (startsWith(bytes, SIX_TO_FOUR)) {
            return v4(bytes, SIX_TO_FOUR.length);
        }
        return startsWith(bytes, NAT64)
                        || startsWith(bytes, LOCAL_NAT64)
                        || startsWith(bytes, COMPATIBLE)
                ? v4(bytes, bytes.length - V4_BYTES)
                : null;
    }

    private static boolean startsWith(byte[] address, byte[] prefix) {
        return Arrays.equals(address, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static InetAddress v4(byte[] address, int start) {
        try {
            return InetAddress.getByAddress(Arrays.copyOfRange(address, start, start + V4_BYTES));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}

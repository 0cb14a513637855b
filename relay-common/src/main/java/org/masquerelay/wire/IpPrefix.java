package org.masquerelay.wire;

import java.net.InetAddress;

/// A block of addresses: those whose first `length` bits are the bits of `address`.
///
/// All further bits of `address` are zero, so equal blocks are equal records.
public record IpPrefix(InetAddress address, int length) {

    public IpPrefix {
        byte[] bytes = address.getAddress();
        if (length < 0 || length > 8 * bytes.length) {
            throw new IllegalArgumentException(
                    "prefix length: " + length + " (expected: 0 to " + 8 * bytes.length + ")");
        }
        if (hasBitsBehind(bytes, length)) {
            throw new IllegalArgumentException("prefix: bits behind the length are set");
        }
    }

    /// Reads `192.0.2.0/24` or `2001:db8::/32`.
    public static IpPrefix parse(String text) throws WireFormatException {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new WireFormatException("the prefix has no '/' and length");
        }
        String literal = text.substring(0, slash);
        InetAddress address =
                IpLiteral.parse(literal)
                        .orElseThrow(() -> new WireFormatException("the prefix has no IP address"));
        byte[] bytes = address.getAddress();
        if (bytes.length == 4 && literal.indexOf(':') >= 0) {
            throw new WireFormatException("an IPv4-mapped prefix must be written as IPv4");
        }
        int length = lengthOf(text.substring(slash + 1));
        if (length < 0 || length > 8 * bytes.length) {
            throw new WireFormatException(
                    "the prefix length is not a number from 0 to " + 8 * bytes.length);
        }
        if (hasBitsBehind(bytes, length)) {
            throw new WireFormatException("the prefix has bits set behind its length");
        }
        return new IpPrefix(address, length);
    }

    /// Whether the address is of the same family and lies in this block.
    public boolean contains(InetAddress candidate) {
        byte[] mine = address.getAddress();
        byte[] other = candidate.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        int whole = length >>> 3;
        for (int i = 0; i < whole; i++) {
            if (mine[i] != other[i]) {
                return false;
            }
        }
        int rest = length & 7;
        return rest == 0 || ((mine[whole] ^ other[whole]) & 0xff) >>> (8 - rest) == 0;
    }

    @Override
    public String toString() {
        return IpLiteral.format(address) + "/" + length;
    }

    private static int lengthOf(String text) {
        if (text.isEmpty() || text.length() > 3 || (text.length() > 1 && text.charAt(0) == '0')) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            if (!Ascii.isDigit(text.charAt(i))) {
                return -1;
            }
            value = value * 10 + text.charAt(i) - '0';
        }
        return value;
    }

    /// Whether a bit of the address is set behind the first `length`, of which there are as many.
    public static boolean hasBitsBehind(byte[] bytes, int length) {
        int whole = length >>> 3;
        int rest = length & 7;
        if (rest != 0 && (bytes[whole] & (0xff >>> rest)) != 0) {
            return true;
        }
        for (int i = rest == 0 ? whole : whole + 1; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                return true;
            }
        }
        return false;
    }
}

package org.masquerelay.wire;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/// IP addresses as text, in the strict forms only: no zone, no brackets, no short or octal IPv4.
public final class IpLiteral {

    private static final int MAX_V6_CHARS = 45;
    private static final int V6_GROUPS = 8;

    private IpLiteral() {}

    /// The address that the text writes out, or nothing. Never asks a resolver.
    ///
    /// An IPv4-mapped IPv6 address is the IPv4 address it maps, so that no check sees two forms of
    /// one target.
    public static Optional<InetAddress> parse(String text) {
        if (text.length() > MAX_V6_CHARS) {
            return Optional.empty();
        }
        byte[] bytes = text.indexOf(':') < 0 ? v4(text) : v6(text);
        return bytes.length == 0 ? Optional.empty() : Optional.of(address(bytes));
    }

    /// Dotted decimal, or the canonical text of RFC 5952 without zone and brackets.
    public static String format(InetAddress address) {
        return switch (address) {
            case Inet4Address v4 -> v4.getHostAddress();
            case Inet6Address v6 -> formatV6(v6.getAddress());
            default -> throw new IllegalArgumentException("address: neither IPv4 nor IPv6");
        };
    }

    static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address length: " + bytes.length, e);
        }
    }

    private static byte[] v4(String text) {
        byte[] bytes = new byte[4];
        int at = 0;
        for (int i = 0; i < bytes.length; i++) {
            int end = i == 3 ? text.length() : text.indexOf('.', at);
            int value = end < 0 ? -1 : octet(text, at, end);
            if (value < 0) {
                return new byte[0];
            }
            bytes[i] = (byte) value;
            at = end + 1;
        }
        return bytes;
    }

    private static int octet(String text, int start, int end) {
        int digits = end - start;
        if (digits < 1 || digits > 3 || (digits > 1 && text.charAt(start) == '0')) {
            return -1;
        }
        int value = 0;
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return value <= 255 ? value : -1;
    }

    private static byte[] v6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            byte[] all = groups(text);
            return all.length == 2 * V6_GROUPS ? all : new byte[0];
        }
        String before = text.substring(0, gap);
        String after = text.substring(gap + 2);
        // A dotted quad may only stand at the very end.
        if (after.contains("::") || before.indexOf('.') >= 0) {
            return new byte[0];
        }
        byte[] head = groups(before);
        byte[] tail = groups(after);
        boolean broken =
                (head.length == 0 && !before.isEmpty()) || (tail.length == 0 && !after.isEmpty());
        // RFC 4291, section 2.2: "::" stands for at least one group.
        if (broken || head.length + tail.length > 2 * (V6_GROUPS - 1)) {
            return new byte[0];
        }
        byte[] bytes = new byte[2 * V6_GROUPS];
        System.arraycopy(head, 0, bytes, 0, head.length);
        System.arraycopy(tail, 0, bytes, bytes.length - tail.length, tail.length);
        return bytes;
    }

    /// The bytes of groups with single colons between them; none if the text is empty or broken.
    private static byte[] groups(String text) {
        byte[] out = new byte[2 * V6_GROUPS];
        int used = 0;
        int at = 0;
        while (at <= text.length()) {
            int colon = text.indexOf(':', at);
            int end = colon < 0 ? text.length() : colon;
            byte[] group =
                    colon < 0 && text.indexOf('.', at) >= 0
                            ? v4(text.substring(at))
                            : hex(text, at, end);
            if (group.length == 0 || used + group.length > out.length) {
                return new byte[0];
            }
            System.arraycopy(group, 0, out, used, group.length);
            used += group.length;
            at = end + 1;
        }
        return Arrays.copyOf(out, used);
    }

    private static byte[] hex(String text, int start, int end) {
        if (end - start < 1 || end - start > 4) {
            return new byte[0];
        }
        int value = 0;
        for (int i = start; i < end; i++) {
            int digit = Ascii.hexDigit(text.charAt(i));
            if (digit < 0) {
                return new byte[0];
            }
            value = value << 4 | digit;
        }
        return new byte[] {(byte) (value >>> 8), (byte) value};
    }

    private static String formatV6(byte[] bytes) {
        int[] group = new int[V6_GROUPS];
        for (int i = 0; i < V6_GROUPS; i++) {
            group[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        int gapStart = -1;
        int gapLength = 1; // RFC 5952, section 4.2.2: a single zero group is written out.
        for (int i = 0; i < V6_GROUPS; i++) {
            int run = zeroRun(group, i);
            if (run > gapLength) {
                gapStart = i;
                gapLength = run;
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < V6_GROUPS; i++) {
            if (i == gapStart) {
                out.append("::");
                i += gapLength - 1;
                continue;
            }
            if (!out.isEmpty() && out.charAt(out.length() - 1) != ':') {
                out.append(':');
            }
            out.append(Integer.toHexString(group[i]));
        }
        return out.toString();
    }

    private static int zeroRun(int[] group, int start) {
        int end = start;
        while (end < group.length && group[end] == 0) {
            end++;
        }
        return end - start;
    }
}

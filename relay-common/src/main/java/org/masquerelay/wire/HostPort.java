package org.masquerelay.wire;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Optional;

/// A host, as a name or as an address literal without brackets, and a port from 1 to 65535.
///
/// Names are in lower case, addresses in their canonical text, so equal targets are equal records.
public record HostPort(String host, int port) {

    private static final int MAX_NAME_CHARS = 253;
    private static final int MAX_LABEL_CHARS = 63;
    private static final int MAX_PORT = 65535;

    public HostPort {
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
        try {
            host = canonical(host);
        } catch (WireFormatException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /// The target of a classic CONNECT: `host:port` or `[v6]:port`, and nothing left out.
    public static HostPort parse(String authority) throws WireFormatException {
        // RFC 9110, section 9.3.6: an authority without a port is invalid.
        int colon = authority.lastIndexOf(':');
        if (colon < 0 || authority.endsWith("]")) {
            throw new WireFormatException("the authority lacks a port");
        }
        String host = authority.substring(0, colon);
        String port = authority.substring(colon + 1);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
            if (host.indexOf(':') < 0) {
                throw new WireFormatException("only an IPv6 address may stand in brackets");
            }
        } else if (host.indexOf(':') >= 0) {
            throw new WireFormatException("an IPv6 address in an authority needs brackets");
        }
        return of(host, port);
    }

    /// The target that two decoded template variables name; an IPv6 address has no brackets here.
    public static HostPort of(String host, String port) throws WireFormatException {
        return new HostPort(canonical(host), portOf(port));
    }

    /// An address that is known, and not port 0.
    public static HostPort of(InetSocketAddress address) {
        return new HostPort(IpLiteral.format(address.getAddress()), address.getPort());
    }

    /// The address if the host is one, without asking a resolver.
    public Optional<InetAddress> literal() {
        return IpLiteral.parse(host);
    }

    /// `host:port`, with brackets around an IPv6 address.
    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }

    private static int portOf(String text) throws WireFormatException {
        int value = 0;
        boolean digitsOnly = !text.isEmpty() && text.length() <= 5 && text.charAt(0) != '0';
        for (int i = 0; digitsOnly && i < text.length(); i++) {
            digitsOnly = Ascii.isDigit(text.charAt(i));
            value = value * 10 + text.charAt(i) - '0';
        }
        if (!digitsOnly || value > MAX_PORT) {
            throw new WireFormatException("the port is not a number from 1 to 65535");
        }
        return value;
    }

    private static String canonical(String host) throws WireFormatException {
        Optional<InetAddress> literal = IpLiteral.parse(host);
        if (literal.isPresent()) {
            return IpLiteral.format(literal.get());
        }
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        if (name.isEmpty() || name.length() > MAX_NAME_CHARS) {
            throw new WireFormatException("the host is empty or longer than 253 characters");
        }
        int start = 0;
        while (start <= name.length()) {
            int dot = name.indexOf('.', start);
            int end = dot < 0 ? name.length() : dot;
            checkLabel(name, start, end);
            if (dot < 0 && isNumber(name, start, end)) {
                // RFC 1123, section 2.1: a name is told from an address by its last label. Some
                // resolvers
                // read 127.1 or 0x7f.1 as IPv4, which would pass by every check of names.
                throw new WireFormatException("the host ends in a number and is no IPv4 address");
            }
            start = end + 1;
        }
        return host.toLowerCase(Locale.ROOT);
    }

    private static void checkLabel(String name, int start, int end) throws WireFormatException {
        if (start == end || end - start > MAX_LABEL_CHARS) {
            throw new WireFormatException(
                    "a label of the host is empty or longer than 63 characters");
        }
        for (int i = start; i < end; i++) {
            char c = name.charAt(i);
            boolean inner = i > start && i < end - 1;
            if (!Ascii.isAlphanumeric(c) && c != '_' && !(c == '-' && inner)) {
                throw new WireFormatException("the host is neither an address nor a DNS name");
            }
        }
    }

    private static boolean isNumber(String name, int start, int end) {
        boolean hex = name.regionMatches(true, start, "0x", 0, 2);
        for (int i = hex ? start + 2 : start; i < end; i++) {
            char c = name.charAt(i);
            if (hex ? Ascii.hexDigit(c) < 0 : !Ascii.isDigit(c)) {
                return false;
            }
        }
        return true;
    }
}

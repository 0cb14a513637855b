package org.masquerelay.egress.rule;

import java.net.IDN;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.IpLiteral;
import org.masquerelay.wire.IpPrefix;

/// Which targets a rule is about.
public sealed interface Destination {
    /// Every target, by whatever name or address.
    record Anywhere() implements Destination {}

    /// The targets of this one name: in lower case and ASCII, without a dot at its end.
    record Name(String name) implements Destination {}

    /// The targets of every name that ends in a dot and `parent`; not of `parent` itself.
    record Below(String parent) implements Destination {}

    /// The targets of these addresses, named or not.
    ///
    /// @param address without any bits behind the first `length`
    record Network(InetAddress address, int length) implements Destination {
        public Network {
            if (length < 0
                    || length > bits(address)
                    || IpPrefix.hasBitsBehind(address.getAddress(), length)) {
                throw new IllegalArgumentException("network: of no such length");
            }
        }
    }

    /// Characters that IDNA2003, which the JDK knows, and IDNA2008 (RFC 5894, section 7.2) write in
    /// different ways.
    String DEVIATING = "\u00df\u03c2\u200c\u200d";

    /// `*`, `*.example.com`, `www.example.com`, `192.0.2.1`, `10.0.0.0/8` or `2001:db8::/32`; the
    /// latter also with brackets.
    static Destination parse(String text) throws RuleFormatException {
        if (text.equals("*")) {
            return new Anywhere();
        }
        if (text.startsWith("*.")) {
            return new Below(name(text.substring(2)));
        }
        if (text.indexOf('*') >= 0) {
            throw new RuleFormatException(
                    "a * in a destination stands alone, or before the first dot of a name");
        }
        int slash = text.indexOf('/');
        var address = address(slash < 0 ? text : text.substring(0, slash));
        if (slash >= 0) {
            return network(
                    address.orElseThrow(() ->
                            new RuleFormatException("what stands before the / is no address")),
                    text.substring(slash + 1),
                    text.indexOf(':') >= 0);
        }
        return address.isPresent()
                ? new Network(address.get(), bits(address.get()))
                : new Name(name(text));
    }

    private static Optional<InetAddress> address(String text) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]") && text.indexOf(':') >= 0;
        return IpLiteral.parse(bracketed ? text.substring(1, text.length() - 1) : text);
    }

    private static Network network(InetAddress address, String length, boolean writtenAsV6)
            throws RuleFormatException {
        if (!length.matches("0|[1-9][0-9]{0,2}")) {
            throw new RuleFormatException("what stands behind the / is no length of a prefix");
        }
        // An IPv4-mapped address has become the IPv4 address inside.
        int mapped = writtenAsV6 && address instanceof Inet4Address ? 96 : 0;
        int bits = Integer.parseInt(length) - mapped;
        if (bits < 0 || bits > bits(address)) {
            throw new RuleFormatException("the prefix is longer or shorter than it can be");
        }
        if (IpPrefix.hasBitsBehind(address.getAddress(), bits)) {
            throw new RuleFormatException(
                    "the address has bits set behind its prefix; write 10.0.0.0/8 and not"
                            + " 10.1.2.3/8");
        }
        return new Network(address, bits);
    }

    private static int bits(InetAddress address) {
        return address instanceof Inet4Address ? 32 : 128;
    }

    private static String name(String text) throws RuleFormatException {
        if (text.chars().anyMatch(c -> DEVIATING.indexOf(c) >= 0)) {
            throw new RuleFormatException(
                    "the name has a letter that is written in two ways; write its xn-- form");
        }
        try {
            var name = new HostPort(IDN.toASCII(text), 1).host();
            if (IpLiteral.parse(name).isPresent()) {
                throw new RuleFormatException("the destination is neither a name nor an address");
            }
            return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        } catch (IllegalArgumentException _) {
            throw new RuleFormatException("the destination is neither a name nor an address");
        }
    }
}

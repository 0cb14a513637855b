package org.masquerelay.boot.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/// Addresses of DNS servers in the configuration.
public final class DnsServers {
    private static final int DNS_PORT = 53;

    private DnsServers() {}

    /// `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353` each.
    ///
    /// @param property the name of the list
    public static List<InetSocketAddress> parse(String property, List<String> servers) {
        return servers.stream().map(server -> parse(property, server)).toList();
    }

    private static InetSocketAddress parse(String property, String text) {
        boolean bracketed = text.startsWith("[");
        int colon = text.lastIndexOf(':');
        boolean hasPort = bracketed ? colon > text.indexOf(']') : colon == text.indexOf(':');
        String host = hasPort && colon > 0 ? text.substring(0, colon) : text;
        String port = hasPort && colon > 0 ? text.substring(colon + 1) : "";
        try {
            return new InetSocketAddress(
                    InetAddress.ofLiteral(host.replace("[", "").replace("]", "")),
                    port.isEmpty() ? DNS_PORT : Integer.parseInt(port));
        } catch (IllegalArgumentException _) {
            throw new BadSettingException(
                    property,
                    "has an entry that is not the address of a DNS server",
                    "Write each as 192.0.2.1, 192.0.2.1:5353, 2001:db8::1 or [2001:db8::1]:5353");
        }
    }
}

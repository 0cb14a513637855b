package org.masquerelay.testkit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request head that a [Wire] writes as its HTTP version wants it, right or wrong. What is null
/// is left out.
///
/// @param fields names and values in turn, behind the pseudo-header fields
public record WireRequest(
        String method,
        @Nullable String protocol,
        @Nullable String scheme,
        @Nullable String authority,
        @Nullable String path,
        List<String> fields) {
    public WireRequest {
        fields = List.copyOf(fields);
    }

    /// Extended CONNECT for connect-udp (RFC 9298, section 3.4), or its upgrade (section 3.2), with
    /// this path.
    public static WireRequest udpPath(String path) {
        return new WireRequest("CONNECT", "connect-udp", "https", "localhost", path, List.of());
    }

    /// connect-udp by the default template.
    public static WireRequest udp(String host, int port) {
        return udpPath("/.well-known/masque/udp/" + host + "/" + port + "/");
    }

    /// Classic CONNECT (RFC 9110, section 9.3.6).
    public static WireRequest tcp(String authority) {
        return new WireRequest("CONNECT", null, null, authority, null, List.of());
    }

    /// An ordinary request.
    public static WireRequest plain(String method, String path) {
        return new WireRequest(method, null, "https", "localhost", path, List.of());
    }

    public WireRequest with(String name, String value) {
        var more = new ArrayList<>(fields);
        more.add(name);
        more.add(value);
        return new WireRequest(method, protocol, scheme, authority, path, more);
    }

    public WireRequest withProtocol(@Nullable String other) {
        return new WireRequest(method, other, scheme, authority, path, fields);
    }

    public WireRequest withScheme(@Nullable String other) {
        return new WireRequest(method, protocol, other, authority, path, fields);
    }

    public WireRequest withAuthority(@Nullable String other) {
        return new WireRequest(method, protocol, scheme, other, path, fields);
    }

    public WireRequest withPath(@Nullable String other) {
        return new WireRequest(method, protocol, scheme, authority, other, fields);
    }

    /// The field section of HTTP/2 and HTTP/3, as names and values in turn.
    public String[] section() {
        var lines = new ArrayList<String>();
        add(lines, ":method", method);
        add(lines, ":protocol", protocol);
        add(lines, ":scheme", scheme);
        add(lines, ":authority", authority);
        add(lines, ":path", path);
        lines.addAll(fields);
        return lines.toArray(String[]::new);
    }

    private static void add(List<String> lines, String name, @Nullable String value) {
        if (value != null) {
            lines.add(name);
            lines.add(value);
        }
    }

    /// The lines of HTTP/1.1. An extended CONNECT becomes the upgrade that it stands for.
    public String[] lines() {
        var lines = new ArrayList<String>();
        boolean classic = protocol == null && method.equals("CONNECT");
        lines.add(
                (protocol == null ? method : "GET")
                        + " "
                        + (classic ? authority : path)
                        + " HTTP/1.1");
        if (authority != null) {
            lines.add("Host: " + authority);
        }
        if (protocol != null) {
            lines.add("Connection: Upgrade");
            lines.add("Upgrade: " + protocol);
        }
        for (int i = 0; i < fields.size(); i += 2) {
            lines.add(fields.get(i) + ": " + fields.get(i + 1));
        }
        return lines.toArray(String[]::new);
    }
}

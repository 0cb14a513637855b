package org.masquerelay.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.HeaderField;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.wire.WireFormatException;

/// Reads the heads of HTTP/1.1. An upgrade to a tunnel protocol becomes the extended CONNECT of the
/// later versions (RFC 9298, section 3.2).
final class H1Heads {
    private static final Set<String> NEVER_PASSED_ON =
            Set.of("connection", "upgrade", "keep-alive", "proxy-connection", "te", "host");

    private H1Heads() {}

    /// The head of `request`. `served` knows the upgrade tokens that stand for a tunnel.
    static RequestHead read(HttpRequest request, Predicate<String> served)
            throws WireFormatException {
        if (request.protocolVersion().majorVersion() != 1) {
            throw new WireFormatException("this is not HTTP/1");
        }
        var host = host(request);
        var fields = fields(request.headers());
        var method = request.method().name();
        var upgrade = upgrade(request.headers(), served);
        if (method.equals(TunnelHeads.CONNECT)) {
            if (upgrade.isPresent()) {
                throw new WireFormatException("CONNECT with Upgrade");
            }
            return new RequestHead(method, null, request.uri(), null, null, fields);
        }
        var target = target(request.uri(), host);
        if (upgrade.isEmpty()) {
            return new RequestHead(
                    method, target.scheme(), target.authority(), target.path(), null, fields);
        }
        if (!method.equals("GET")) {
            throw new WireFormatException("an upgrade to a tunnel asks with GET");
        }
        if (!mentions(request.headers(), "connection", "upgrade")) {
            throw new WireFormatException("Upgrade without Connection: Upgrade");
        }
        return new RequestHead(
                TunnelHeads.CONNECT,
                target.scheme(),
                target.authority(),
                target.path(),
                upgrade.get(),
                fields);
    }

    // RFC 9112, section 3.2: one Host, no more and no less.
    private static String host(HttpRequest request) throws WireFormatException {
        var hosts = request.headers().getAll("host");
        if (hosts.size() > 1
                || (hosts.isEmpty() && request.protocolVersion().equals(HttpVersion.HTTP_1_1))) {
            throw new WireFormatException("there is not exactly one Host");
        }
        return hosts.isEmpty() ? "" : hosts.getFirst();
    }

    private record Target(String scheme, String authority, @Nullable String path) {}

    // RFC 9112, section 3.2.2: the authority of an absolute target stands above Host.
    private static Target target(String uri, String host) {
        int scheme = uri.indexOf("://");
        if (uri.startsWith("/") || scheme < 0) {
            return new Target("https", host, uri);
        }
        int path = uri.indexOf('/', scheme + 3);
        return new Target(
                uri.substring(0, scheme).toLowerCase(Locale.ROOT),
                path < 0 ? uri.substring(scheme + 3) : uri.substring(scheme + 3, path),
                path < 0 ? "/" : uri.substring(path));
    }

    private static Optional<String> upgrade(HttpHeaders headers, Predicate<String> served) {
        return list(headers, "upgrade").stream().filter(served).findFirst();
    }

    private static boolean mentions(HttpHeaders headers, String name, String member) {
        return list(headers, name).stream().anyMatch(member::equalsIgnoreCase);
    }

    /// The members of a list of tokens, over all lines of the field.
    static List<String> list(HttpHeaders headers, String name) {
        var members = new ArrayList<String>();
        for (var line : headers.getAll(name)) {
            for (var member : line.split(",", -1)) {
                members.add(member.strip());
            }
        }
        return members;
    }

    /// The field lines that are not for this connection alone (RFC 9110, section 7.6.1).
    static HeaderFields fields(HttpHeaders headers) {
        var dropped = new HashSet<>(NEVER_PASSED_ON);
        list(headers, "connection").forEach(name -> dropped.add(name.toLowerCase(Locale.ROOT)));
        var lines = new ArrayList<HeaderField>();
        for (var entry : headers) {
            var name = entry.getKey().toLowerCase(Locale.ROOT);
            if (!dropped.contains(name)) {
                lines.add(new HeaderField(name, entry.getValue()));
            }
        }
        return new HeaderFields(lines);
    }
}

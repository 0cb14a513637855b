package org.masquerelay.http;

import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.Http3Headers;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.HeaderField;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;

/// Turns the field sections of HTTP/3 into request and response heads and back.
final class H3Heads {
    private H3Heads() {}

    /// The head, or null when it is malformed in a way that Netty's codec lets through (RFC 9114,
    /// section 4.2 and 4.3): no method, a connection-specific field, or a line break in a value.
    static @Nullable RequestHead request(Http3Headers headers) {
        var method = headers.method();
        var fields = fields(headers);
        if (method == null || fields == null) {
            return null;
        }
        return new RequestHead(
                method.toString(),
                text(headers.scheme()),
                text(headers.authority()),
                text(headers.path()),
                text(headers.get(Http3Headers.PseudoHeaderName.PROTOCOL.value())),
                fields);
    }

    private static @Nullable String text(@Nullable CharSequence value) {
        return value == null ? null : value.toString();
    }

    /// The field lines without pseudo-header fields, or null when one of them does not belong into
    /// HTTP/3.
    static @Nullable HeaderFields fields(Http3Headers headers) {
        var lines = new ArrayList<HeaderField>();
        for (var entry : headers) {
            var name = entry.getKey().toString();
            if (name.startsWith(":")) {
                continue;
            }
            var value = entry.getValue().toString();
            if (MessageHeads.isConnectionSpecific(name) || MessageHeads.hasLineBreak(value)) {
                return null;
            }
            lines.add(new HeaderField(name, value));
        }
        return new HeaderFields(lines);
    }

    static Http3Headers response(int status, HeaderFields fields) {
        var headers = new DefaultHttp3Headers();
        headers.status(Integer.toString(status));
        fields.forEach(line -> headers.add(line.name(), line.value()));
        return headers;
    }

    static Http3Headers request(RequestHead head) {
        var headers = new DefaultHttp3Headers();
        headers.method(head.method());
        if (head.scheme() != null) {
            headers.scheme(head.scheme());
        }
        if (head.authority() != null) {
            headers.authority(head.authority());
        }
        if (head.path() != null) {
            headers.path(head.path());
        }
        if (head.protocol() != null) {
            headers.add(Http3Headers.PseudoHeaderName.PROTOCOL.value(), head.protocol());
        }
        head.fields().forEach(line -> headers.add(line.name(), line.value()));
        return headers;
    }
}

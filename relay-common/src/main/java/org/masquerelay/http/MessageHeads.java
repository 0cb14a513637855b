package org.masquerelay.http;

import io.netty.handler.codec.Headers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.HeaderField;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;

/// Turns the field sections of HTTP/2 and HTTP/3 into heads and back. Their pseudo-header fields
/// are the same (RFC 9113, section 8.3; RFC 9114, section 4.3).
final class MessageHeads {
    private static final String METHOD = ":method";
    private static final String SCHEME = ":scheme";
    private static final String AUTHORITY = ":authority";
    private static final String PATH = ":path";
    private static final String PROTOCOL = ":protocol";
    private static final String STATUS = ":status";

    private MessageHeads() {}

    /// The head of a request, or null when it is malformed in a way that the codecs let through: no
    /// method, a pseudo-header field of responses, a connection-specific field, a name that is no
    /// token, or a line break in a value.
    static @Nullable RequestHead request(Headers<CharSequence, CharSequence, ?> headers) {
        var method = headers.get(METHOD);
        var fields = fields(headers);
        if (method == null || fields == null || headers.contains(STATUS)) {
            return null;
        }
        return new RequestHead(
                method.toString(),
                text(headers.get(SCHEME)),
                text(headers.get(AUTHORITY)),
                text(headers.get(PATH)),
                text(headers.get(PROTOCOL)),
                fields);
    }

    private static @Nullable String text(@Nullable CharSequence value) {
        return value == null ? null : value.toString();
    }

    /// The field lines without pseudo-header fields, or null when one of them belongs to HTTP/1.1
    /// alone.
    static @Nullable HeaderFields fields(Headers<CharSequence, CharSequence, ?> headers) {
        var lines = new ArrayList<HeaderField>();
        for (var entry : headers) {
            var name = entry.getKey().toString();
            if (name.startsWith(":")) {
                if (hasControl(entry.getValue().toString())) {
                    return null;
                }
                continue;
            }
            var value = entry.getValue().toString();
            if (!isName(name) || isConnectionSpecific(name) || hasControl(value)) {
                return null;
            }
            lines.add(new HeaderField(name, value));
        }
        return new HeaderFields(List.copyOf(lines));
    }

    /// The status of a response, or -1 for what is none.
    static int status(Headers<CharSequence, CharSequence, ?> headers) {
        return status(headers.get(STATUS));
    }

    /// The same of its text (RFC 9110, section 15).
    static int status(@Nullable CharSequence text) {
        if (text == null
                || text.length() != 3
                || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        return Integer.parseInt(text, 0, 3, 10);
    }

    /// Writes the head of a response into `headers`, which is returned.
    static <T extends Headers<CharSequence, CharSequence, ?>> T response(
            T headers, int status, HeaderFields fields) {
        headers.add(STATUS, Integer.toString(status));
        fields.forEach(line -> headers.add(line.name(), line.value()));
        return headers;
    }

    /// Writes the head of a request into `headers`, which is returned.
    static <T extends Headers<CharSequence, CharSequence, ?>> T request(
            T headers, RequestHead head) {
        headers.add(METHOD, head.method());
        addIfAny(headers, PROTOCOL, head.protocol());
        addIfAny(headers, SCHEME, head.scheme());
        addIfAny(headers, AUTHORITY, head.authority());
        addIfAny(headers, PATH, head.path());
        head.fields().forEach(line -> headers.add(line.name(), line.value()));
        return headers;
    }

    private static void addIfAny(
            Headers<CharSequence, CharSequence, ?> headers, String name, @Nullable String value) {
        if (value != null) {
            headers.add(name, value);
        }
    }

    /// Fields of one connection alone, which HTTP/2 and HTTP/3 do not have (RFC 9113, section
    /// 8.2.2; RFC 9114, section 4.2).
    static boolean isConnectionSpecific(String name) {
        return switch (name) {
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" ->
                    true;
            default -> false;
        };
    }

    /// The same of any field line.
    static boolean hasControl(HeaderFields fields) {
        return fields.lines().stream().anyMatch(line -> hasControl(line.value()));
    }

    /// Whether this is a token (RFC 9110, section 5.6.2): anything else could be a second line
    /// where it is written into HTTP/1.1.
    private static boolean isName(String name) {
        return !name.isEmpty() && name.chars().allMatch(MessageHeads::isNameChar);
    }

    /// Letters are in lower case (RFC 9113, section 8.2.1; RFC 9114, section 4.2).
    private static boolean isNameChar(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    /// Whether a value holds what none may hold, such as the end of a line (RFC 9110, section 5.5).
    static boolean hasControl(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f) {
                return true;
            }
        }
        return false;
    }
}

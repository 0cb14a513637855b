package org.masquerelay.http;

import org.jspecify.annotations.Nullable;

/// What the heads of all HTTP versions have in common.
final class MessageHeads {
    private MessageHeads() {}

    /// The status, or -1 for what is none (RFC 9110, section 15).
    static int status(@Nullable CharSequence text) {
        if (text == null
                || text.length() != 3
                || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return -1;
        }
        return Integer.parseInt(text, 0, 3, 10);
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

    /// Whether a field value could end a line where it is written into HTTP/1.1 (RFC 9110, section
    /// 5.5).
    static boolean hasLineBreak(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\r' || c == '\n' || c == 0) {
                return true;
            }
        }
        return false;
    }
}

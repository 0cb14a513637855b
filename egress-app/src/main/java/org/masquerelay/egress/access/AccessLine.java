package org.masquerelay.egress.access;

import java.util.Locale;
import java.util.Map;

/// One line: what became of a tunnel, or of a request for one.
///
/// @param fields numbers, and texts some of which clients chose
record AccessLine(Map<String, Object> fields) {
    /// An object of JSON (RFC 8259) on one line.
    String toJson() {
        var json = new StringBuilder("{");
        fields.forEach((name, value) -> {
            json.append(json.length() == 1 ? "\"" : ",\"").append(name).append("\":");
            if (value instanceof Number) {
                json.append(value);
            } else {
                quote(value.toString(), json);
            }
        });
        return json.append('}').toString();
    }

    // RFC 8259, section 7.
    private static void quote(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\' || c >= 0x7f) {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}

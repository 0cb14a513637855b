package org.masquerelay.wire;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The parts of [RFC 9651](https://datatracker.ietf.org/doc/html/rfc9651) that the relay's fields
/// need.
public final class StructuredFields {

    /// RFC 9651, section 3.3.1: fifteen digits.
    public static final long MAX_INTEGER = 999_999_999_999_999L;

    /// Longer field values are not looked at.
    static final int MAX_CHARS = 8192;

    private static final String TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~:/";

    private StructuredFields() {}

    /// The value of a field that is one Boolean, such as `Capsule-Protocol`; its parameters are
    /// ignored.
    ///
    /// Nothing if the text is anything else: RFC 9297, section 3.4, ignores such a field.
    public static Optional<Boolean> parseBoolean(String fieldValue) {
        try {
            return new StructuredFieldParser(fieldValue).item()
                            instanceof BareItem.Bool(boolean value)
                    ? Optional.of(value)
                    : Optional.empty();
        } catch (WireFormatException _) {
            return Optional.empty();
        }
    }

    /// The members of a field that is a dictionary, in their order; its lines are joined first (RFC
    /// 9651, section 4.2).
    public static Map<String, StructuredMember> parseDictionary(List<String> lines)
            throws WireFormatException {
        return new StructuredFieldParser(join(lines)).dictionary();
    }

    /// The same, where a key or a parameter that comes twice breaks the field.
    public static Map<String, StructuredMember> parseUnambiguousDictionary(List<String> lines)
            throws WireFormatException {
        return new StructuredFieldParser(join(lines), StructuredFieldParser.Repeats.REFUSED)
                .dictionary();
    }

    public static List<StructuredMember> parseList(List<String> lines) throws WireFormatException {
        return new StructuredFieldParser(join(lines)).members();
    }

    public static StructuredMember.Item parseItem(List<String> lines) throws WireFormatException {
        return new StructuredFieldParser(join(lines)).wholeItem();
    }

    private static String join(List<String> lines) {
        return String.join(", ", lines);
    }

    /// The notation of a dictionary (RFC 9651, section 4.1.2).
    public static String format(Map<String, StructuredMember> dictionary) {
        StringBuilder out = new StringBuilder();
        dictionary.forEach((key, member) -> {
            out.append(out.isEmpty() ? "" : ", ").append(key);
            // A member that is true is written as its key alone.
            if (member instanceof StructuredMember.Item(BareItem.Bool(boolean value), _) && value) {
                member.parameters().entrySet().forEach(each -> appendParameter(out, each));
            } else {
                out.append('=').append(member.format());
            }
        });
        return out.toString();
    }

    /// An sf-string. Characters that none can hold, such as line ends, become question marks.
    public static String string(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c > 0x7e) {
                out.append('?');
                continue;
            }
            if (c == '"' || c == '\\') {
                out.append('\\');
            }
            out.append(c);
        }
        return out.append('"').toString();
    }

    public static String integer(long value) {
        return Long.toString(new BareItem.Whole(value).value());
    }

    public static boolean isToken(String text) {
        if (text.isEmpty() || (!Ascii.isAlpha(text.charAt(0)) && text.charAt(0) != '*')) {
            return false;
        }
        for (int i = 1; i < text.length(); i++) {
            if (!isTokenChar(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /// A parameter name: lower case, and nothing that would need quotes.
    public static boolean isKey(String text) {
        if (text.isEmpty() || (!Ascii.isLower(text.charAt(0)) && text.charAt(0) != '*')) {
            return false;
        }
        for (int i = 1; i < text.length(); i++) {
            if (!isKeyChar(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    static boolean isTokenChar(char c) {
        return Ascii.isAlphanumeric(c) || TOKEN_PUNCTUATION.indexOf(c) >= 0;
    }

    static boolean isKeyChar(char c) {
        return Ascii.isLower(c) || Ascii.isDigit(c) || c == '_' || c == '-' || c == '.' || c == '*';
    }

    static String format(BareItem item) {
        return switch (item) {
            case BareItem.Bool(boolean value) -> value ? "?1" : "?0";
            case BareItem.Whole(long value) -> Long.toString(value);
            case BareItem.Text(String value) -> string(value);
            case BareItem.Token(String value) -> value;
            case BareItem.Verbatim verbatim -> verbatim.notation();
        };
    }

    static void appendParameter(StringBuilder out, Map.Entry<String, BareItem> parameter) {
        out.append(';').append(parameter.getKey());
        // RFC 9651, section 4.1.1.2: true is written as the name alone.
        if (!parameter.getValue().equals(new BareItem.Bool(true))) {
            out.append('=').append(format(parameter.getValue()));
        }
    }
}

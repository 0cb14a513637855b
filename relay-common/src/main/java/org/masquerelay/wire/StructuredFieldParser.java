package org.masquerelay.wire;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Parses one field value as [RFC 9651, section
/// 4.2](https://datatracker.ietf.org/doc/html/rfc9651#section-4.2) says. For one use; inner lists
/// are read where a caller asks for members that may be one.
final class StructuredFieldParser {

    private static final int MAX_MEMBERS = 64;
    private static final int MAX_INNER_ITEMS = 64;
    private static final int MAX_PARAMETERS = 64;
    private static final int MAX_INTEGER_DIGITS = 15;
    private static final int MAX_DECIMAL_DIGITS = 12;

    /// A member of a list with its parameters in their order.
    record Member(BareItem value, Map<String, BareItem> parameters) {}

    private final String text;
    private final Repeats repeats;
    private int at;

    /// What becomes of a key or parameter that comes again.
    enum Repeats {
        /// RFC 9651, sections 4.2.2 and 4.2.3.2.
        LAST_COUNTS,
        /// For fields whose meaning must not depend on who reads them.
        REFUSED
    }

    StructuredFieldParser(String text) {
        this(text, Repeats.LAST_COUNTS);
    }

    StructuredFieldParser(String text, Repeats repeats) {
        this.text = text;
        this.repeats = repeats;
    }

    /// The value of a field that is an item; parameters are checked and dropped.
    BareItem item() throws WireFormatException {
        checkLength();
        skip(" ");
        BareItem value = member().value();
        skip(" ");
        if (at < text.length()) {
            throw new WireFormatException("the field has text behind its item");
        }
        return value;
    }

    /// The members of a field that is a list.
    List<Member> list() throws WireFormatException {
        checkLength();
        skip(" ");
        List<Member> members = new ArrayList<>();
        while (at < text.length()) {
            if (members.size() == MAX_MEMBERS) {
                throw new WireFormatException("the field has more than 64 members");
            }
            members.add(member());
            nextMember();
        }
        return members;
    }

    /// The members of a field that is a list, of which some may be inner lists.
    List<StructuredMember> members() throws WireFormatException {
        checkLength();
        skip(" ");
        List<StructuredMember> members = new ArrayList<>();
        while (at < text.length()) {
            if (members.size() == MAX_MEMBERS) {
                throw new WireFormatException("the field has more than 64 members");
            }
            members.add(itemOrInnerList());
            nextMember();
        }
        return members;
    }

    /// The members of a field that is a dictionary, in their order.
    Map<String, StructuredMember> dictionary() throws WireFormatException {
        checkLength();
        skip(" ");
        Map<String, StructuredMember> members = new LinkedHashMap<>();
        while (at < text.length()) {
            if (members.size() == MAX_MEMBERS) {
                throw new WireFormatException("the field has more than 64 members");
            }
            String key = key();
            StructuredMember member;
            if (peek() == '=') {
                at++;
                member = itemOrInnerList();
            } else {
                member = new StructuredMember.Item(new BareItem.Bool(true), parameters());
            }
            if (members.put(key, member) != null && repeats == Repeats.REFUSED) {
                throw new WireFormatException("a member comes twice");
            }
            nextMember();
        }
        return members;
    }

    /// An item with its parameters and nothing else.
    StructuredMember.Item wholeItem() throws WireFormatException {
        checkLength();
        skip(" ");
        Member item = member();
        skip(" ");
        if (at < text.length()) {
            throw new WireFormatException("the field has text behind its item");
        }
        return new StructuredMember.Item(item.value(), item.parameters());
    }

    private void nextMember() throws WireFormatException {
        skip(" \t");
        if (at < text.length()) {
            expect(',');
            skip(" \t");
            if (at == text.length()) {
                throw new WireFormatException("the field ends with a comma");
            }
        }
    }

    private StructuredMember itemOrInnerList() throws WireFormatException {
        if (peek() != '(') {
            Member item = member();
            return new StructuredMember.Item(item.value(), item.parameters());
        }
        at++;
        List<StructuredMember.Item> items = new ArrayList<>();
        for (skip(" "); peek() != ')'; ) {
            if (items.size() == MAX_INNER_ITEMS) {
                throw new WireFormatException("an inner list has more than 64 items");
            }
            Member item = member();
            items.add(new StructuredMember.Item(item.value(), item.parameters()));
            if (peek() != ' ' && peek() != ')') {
                throw new WireFormatException("the items of an inner list are not apart");
            }
            skip(" ");
        }
        at++;
        return new StructuredMember.InnerList(items, parameters());
    }

    private void checkLength() throws WireFormatException {
        if (text.length() > StructuredFields.MAX_CHARS) {
            throw new WireFormatException("the field is longer than 8192 characters");
        }
    }

    private Member member() throws WireFormatException {
        BareItem value = bareItem();
        return new Member(value, parameters());
    }

    private Map<String, BareItem> parameters() throws WireFormatException {
        Map<String, BareItem> parameters = new LinkedHashMap<>();
        while (peek() == ';') {
            at++;
            skip(" ");
            String key = key();
            BareItem parameter = new BareItem.Bool(true);
            if (peek() == '=') {
                at++;
                parameter = bareItem();
            }
            // RFC 9651, section 4.2.3.2: the last of several values counts, and stands last.
            if (parameters.remove(key) != null && repeats == Repeats.REFUSED) {
                throw new WireFormatException("a parameter comes twice");
            }
            parameters.put(key, parameter);
            if (parameters.size() > MAX_PARAMETERS) {
                throw new WireFormatException("a member has more than 64 parameters");
            }
        }
        return parameters;
    }

    private String key() throws WireFormatException {
        int start = at;
        while (at < text.length() && StructuredFields.isKeyChar(text.charAt(at))) {
            at++;
        }
        String key = text.substring(start, at);
        if (!StructuredFields.isKey(key)) {
            throw new WireFormatException("a parameter has no valid name", key);
        }
        return key;
    }

    private BareItem bareItem() throws WireFormatException {
        return switch (peek()) {
            case '?' -> bool();
            case '"' -> new BareItem.Text(string());
            case ':' -> bytes();
            case '@' -> date();
            case '%' -> displayString();
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> token();
        };
    }

    private BareItem bool() throws WireFormatException {
        at++;
        char digit = peek();
        if (digit != '0' && digit != '1') {
            throw new WireFormatException("a Boolean is neither ?0 nor ?1");
        }
        at++;
        return new BareItem.Bool(digit == '1');
    }

    private String string() throws WireFormatException {
        expect('"');
        StringBuilder out = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return out.toString();
            }
            if (c == '\\') {
                c = peek();
                at++;
                if (c != '"' && c != '\\') {
                    throw new WireFormatException("a string has an unknown escape");
                }
            } else if (c < 0x20 || c > 0x7e) {
                throw new WireFormatException("a string has a character outside printable ASCII");
            }
            out.append(c);
        }
        throw new WireFormatException("a string has no closing quote");
    }

    private BareItem bytes() throws WireFormatException {
        int end = text.indexOf(':', at + 1);
        if (end < 0) {
            throw new WireFormatException("a value has no end");
        }
        byte[] bytes = bytes(text.substring(at + 1, end));
        at = end + 1;
        return BareItem.Verbatim.ofBytes(bytes);
    }

    /// RFC 9651, section 4.2.7: padding may be missing.
    private static byte[] bytes(String base64) throws WireFormatException {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException _) {
            throw new WireFormatException("a byte sequence is not base64");
        }
    }

    private BareItem displayString() throws WireFormatException {
        int end = text.startsWith("%\"", at) ? text.indexOf('"', at + 2) : -1;
        for (int i = at + 2; i < end; i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c > 0x7e) {
                throw new WireFormatException("a display string has a character outside ASCII");
            }
        }
        return verbatimTo(end);
    }

    private BareItem verbatimTo(int end) throws WireFormatException {
        if (end < 0) {
            throw new WireFormatException("a value has no end");
        }
        String notation = text.substring(at, end + 1);
        at = end + 1;
        return new BareItem.Verbatim(notation);
    }

    private BareItem date() throws WireFormatException {
        at++;
        if (number() instanceof BareItem.Whole(long seconds)) {
            return new BareItem.Verbatim("@" + seconds);
        }
        throw new WireFormatException("a date is not a whole number");
    }

    private BareItem number() throws WireFormatException {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        int whole = digits();
        if (peek() == '.' && whole <= MAX_DECIMAL_DIGITS) {
            at++;
            int fraction = digits();
            if (fraction <= 3) {
                return new BareItem.Verbatim(decimal(text.substring(start, at)));
            }
        } else if (whole <= MAX_INTEGER_DIGITS) {
            return new BareItem.Whole(Long.parseLong(text, start, at, 10));
        }
        throw new WireFormatException("a number has too many digits");
    }

    /// RFC 9651, section 4.1.5: no zeros that say nothing.
    private static String decimal(String text) {
        String shortest = new BigDecimal(text).stripTrailingZeros().toPlainString();
        return shortest.indexOf('.') < 0 ? shortest + ".0" : shortest;
    }

    private int digits() throws WireFormatException {
        int start = at;
        while (Ascii.isDigit(peek())) {
            at++;
        }
        if (at == start) {
            throw new WireFormatException("a number has no digits");
        }
        return at - start;
    }

    private BareItem token() throws WireFormatException {
        int start = at;
        while (StructuredFields.isTokenChar(peek())) {
            at++;
        }
        String token = text.substring(start, at);
        if (!StructuredFields.isToken(token)) {
            throw new WireFormatException("the field has no value where one must be");
        }
        return new BareItem.Token(token);
    }

    /// The next character, or NUL, which no value may hold, at the end.
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void expect(char c) throws WireFormatException {
        if (peek() != c) {
            throw new WireFormatException("the field lacks the character " + c);
        }
        at++;
    }

    private void skip(String characters) {
        while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }
}

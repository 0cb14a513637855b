package org.masquerelay.wire;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.masquerelay.wire.UriTemplate.PathPart;
import org.masquerelay.wire.UriTemplate.QueryPart;

/// Reads a template of the configuration from left to right. For one use.
final class UriTemplateParser {

    private static final String SCHEME = "https://";
    private static final int MAX_CHARS = 2048;

    private final String text;
    private final List<PathPart> path = new ArrayList<>();
    private final List<QueryPart> query = new ArrayList<>();
    private final Set<String> variables = new HashSet<>();
    private final Set<String> queryNames = new HashSet<>();
    private int at;

    UriTemplateParser(String text) {
        this.text = text;
    }

    UriTemplate.Parts parse(Set<String> required) {
        checkCharacters();
        String authority = authority();
        if (at == text.length() || text.charAt(at) != '/') {
            throw invalid("has no path that starts with '/'");
        }
        parsePath();
        parseQuery();
        for (String name : required) {
            if (!variables.contains(name)) {
                throw invalid("lacks the variable {" + name + "}");
            }
        }
        return new UriTemplate.Parts(authority, List.copyOf(path), List.copyOf(query));
    }

    private void checkCharacters() {
        if (text.isEmpty() || text.length() > MAX_CHARS) {
            throw new IllegalArgumentException(
                    "URI template: must have 1 to " + MAX_CHARS + " characters");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // RFC 9298, section 2: characters in the range 0x21 to 0x7e only.
            if (c < 0x21 || c > 0x7e) {
                throw invalid("has a space, a control character or one outside ASCII");
            }
        }
    }

    private String authority() {
        if (text.startsWith("/") && !text.startsWith("//")) {
            return "";
        }
        if (!text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw invalid("must start with https:// or, at a server, with one '/'");
        }
        int slash = text.indexOf('/', SCHEME.length());
        at = slash < 0 ? text.length() : slash;
        String authority = text.substring(SCHEME.length(), at);
        if (authority.indexOf('{') >= 0) {
            throw invalid("has a variable outside of path and query");
        }
        boolean hasPort = authority.lastIndexOf(':') > authority.lastIndexOf(']');
        try {
            HostPort.parse(hasPort ? authority : authority + ":443");
        } catch (WireFormatException e) {
            throw invalid("has no valid authority: " + e.getMessage());
        }
        return authority;
    }

    private void parsePath() {
        while (at < text.length() && text.charAt(at) != '?') {
            if (text.charAt(at) != '{') {
                addPathLiteral(literal("{?"));
            } else if (text.startsWith("{?", at)) {
                return;
            } else {
                List<String> names = expression();
                for (int i = 0; i < names.size(); i++) {
                    if (i > 0) {
                        addPathLiteral(",");
                    }
                    addPathVariable(names.get(i));
                }
            }
        }
    }

    private void addPathLiteral(String literal) {
        char first = literal.charAt(0);
        // Encoded values are made of unreserved characters and '%': none of them can end a value.
        if (!path.isEmpty()
                && path.getLast() instanceof PathPart.Variable(String name)
                && (PercentEncoding.isUnreserved(first) || first == '%')) {
            throw invalid("has no separator behind {" + name + "}");
        }
        path.add(new PathPart.Literal(literal));
    }

    private void addPathVariable(String name) {
        if (path.getLast() instanceof PathPart.Variable) {
            throw invalid("has no separator in front of {" + name + "}");
        }
        path.add(new PathPart.Variable(name));
    }

    private void parseQuery() {
        if (at < text.length() && text.charAt(at) == '?') {
            at++;
            parsePairs();
        }
        while (at < text.length()) {
            char operator = query.isEmpty() ? '?' : '&';
            if (!text.startsWith("{" + operator, at)) {
                throw invalid("has something behind the path that is no query parameter");
            }
            at++;
            for (String name : expression()) {
                addQuery(new QueryPart.Variable(name, name));
            }
        }
    }

    private void parsePairs() {
        parsePair();
        while (at < text.length() && text.charAt(at) == '&') {
            at++;
            parsePair();
        }
    }

    private void parsePair() {
        String pair = literal("{&");
        if (pair.isEmpty()) {
            throw invalid("has an empty query parameter");
        }
        int equals = pair.indexOf('=');
        if (at == text.length() || text.charAt(at) == '&' || text.startsWith("{&", at)) {
            addQuery(new QueryPart.Fixed(equals < 0 ? pair : pair.substring(0, equals), pair));
            return;
        }
        List<String> names = expression();
        // A part of a value, or several in one, could not be told apart when matching.
        if (equals < 1 || equals != pair.length() - 1 || names.size() != 1) {
            throw invalid("has a query variable that is not the whole value of a parameter");
        }
        addQuery(new QueryPart.Variable(pair.substring(0, equals), names.getFirst()));
    }

    private void addQuery(QueryPart part) {
        if (!queryNames.add(part.name())) {
            throw invalid("has the query parameter " + part.name() + " twice");
        }
        query.add(part);
    }

    private String literal(String terminators) {
        int start = at;
        while (at < text.length() && terminators.indexOf(text.charAt(at)) < 0) {
            char c = text.charAt(at++);
            if ("#\"<>\\^`|}".indexOf(c) >= 0) {
                throw invalid("has the character " + c + " where none is allowed");
            }
        }
        return text.substring(start, at);
    }

    /// The variables of `{a,b}`, with the position at its brace or at the operator behind it.
    private List<String> expression() {
        int end = text.indexOf('}', at);
        if (end < 0) {
            throw invalid("has a '{' without '}'");
        }
        String inner = text.substring(at + 1, end);
        at = end + 1;
        if (!inner.isEmpty() && "+#./;?&=,!@|".indexOf(inner.charAt(0)) >= 0) {
            // RFC 9298, section 2, forbids these operators, or they stand in the wrong place.
            throw invalid("has the operator " + inner.charAt(0) + " where it is not allowed");
        }
        List<String> names = List.of(inner.split(",", -1));
        for (String name : names) {
            checkName(name);
        }
        return names;
    }

    private void checkName(String name) {
        boolean plain = !name.isEmpty();
        for (int i = 0; plain && i < name.length(); i++) {
            plain = Ascii.isAlphanumeric(name.charAt(i)) || name.charAt(i) == '_';
        }
        if (!plain) {
            throw invalid("has a variable that is not made of letters, digits and '_'");
        }
        if (!variables.add(name)) {
            throw invalid("has the variable {" + name + "} twice");
        }
    }

    private IllegalArgumentException invalid(String problem) {
        return new IllegalArgumentException("URI template " + text + " " + problem);
    }
}

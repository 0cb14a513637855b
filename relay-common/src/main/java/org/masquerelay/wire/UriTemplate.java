package org.masquerelay.wire;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A URI template of RFC 6570, as far as [RFC 9298, section
/// 2](https://datatracker.ietf.org/doc/html/rfc9298#section-2) allows it to proxies.
///
/// A client expands it to ask for a tunnel, a server matches the `:path` of a request against it.
/// It is either absolute (`https://proxy.example/…`) or, for servers, a path alone.
public final class UriTemplate {

    /// RFC 9298, section 2.
    public static final UriTemplate UDP =
            parse(
                    "/.well-known/masque/udp/{target_host}/{target_port}/",
                    Set.of("target_host", "target_port"));

    /// RFC 9484, section 3.
    public static final UriTemplate IP =
            parse("/.well-known/masque/ip/{target}/{ipproto}/", Set.of("target", "ipproto"));

    public static final UriTemplate TCP =
            parse(
                    "/.well-known/masque/tcp/{target_host}/{target_port}/",
                    Set.of("target_host", "target_port"));

    private static final int MAX_PATH_CHARS = 8192;

    /// A piece of the path. A variable ends where the first character of the literal behind it
    /// stands.
    sealed interface PathPart {
        record Literal(String text) implements PathPart {}

        record Variable(String name) implements PathPart {}
    }

    /// A parameter of the query: fixed text, or the value of a variable.
    sealed interface QueryPart {
        /// The name as it stands in the URI.
        String name();

        record Fixed(String name, String text) implements QueryPart {}

        record Variable(String name, String variable) implements QueryPart {}
    }

    /// What a template is made of; `authority` is empty for a path alone.
    record Parts(String authority, List<PathPart> path, List<QueryPart> query) {}

    private final String text;
    private final Set<String> required;
    private final Parts parts;

    private UriTemplate(String text, Set<String> required, Parts parts) {
        this.text = text;
        this.required = required;
        this.parts = parts;
    }

    /// Reads a template of the configuration that must have all of these variables and may have
    /// others.
    public static UriTemplate parse(String text, Set<String> requiredVariables) {
        Parts parts = new UriTemplateParser(text).parse(requiredVariables);
        return new UriTemplate(text, Set.copyOf(requiredVariables), parts);
    }

    /// The authority of an absolute template.
    public Optional<String> authority() {
        return Optional.of(parts.authority()).filter(a -> !a.isEmpty());
    }

    /// The whole URI, or the path and query if the template has no authority.
    ///
    /// Variables without a value expand to nothing, and their query parameters are left out.
    public String expand(Map<String, String> values) {
        String pathAndQuery = expandPath(values);
        return parts.authority().isEmpty()
                ? pathAndQuery
                : "https://" + parts.authority() + pathAndQuery;
    }

    /// What goes into `:path`.
    public String expandPath(Map<String, String> values) {
        for (String name : required) {
            if (!values.containsKey(name)) {
                throw new IllegalArgumentException("template variable " + name + ": no value");
            }
        }
        StringBuilder out = new StringBuilder();
        for (PathPart part : parts.path()) {
            out.append(
                    switch (part) {
                        case PathPart.Literal(String literal) -> literal;
                        case PathPart.Variable(String name) ->
                                PercentEncoding.encode(values.getOrDefault(name, ""));
                    });
        }
        char separator = '?';
        for (QueryPart part : parts.query()) {
            String pair = expanded(part, values);
            if (!pair.isEmpty()) {
                out.append(separator).append(pair);
                separator = '&';
            }
        }
        return out.toString();
    }

    private static String expanded(QueryPart part, Map<String, String> values) {
        return switch (part) {
            case QueryPart.Fixed(_, String literal) -> literal;
            case QueryPart.Variable(String name, String variable) -> {
                String value = values.get(variable);
                yield value == null ? "" : name + "=" + PercentEncoding.encode(value);
            }
        };
    }

    /// The decoded values of the variables, or nothing if this is not a path of the template.
    ///
    /// The path must be the same to the last slash. Query parameters may come in any order and
    /// among others, but each one of the template only once.
    ///
    /// @throws WireFormatException if it is a path of the template and a value is missing or broken
    public Optional<Map<String, String>> match(String pathAndQuery) throws WireFormatException {
        checkCharacters(pathAndQuery);
        int mark = pathAndQuery.indexOf('?');
        String path = mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark);
        Map<String, String> raw = new HashMap<>();
        if (!matchPath(path, raw)) {
            return Optional.empty();
        }
        String query = mark < 0 ? "" : pathAndQuery.substring(mark + 1);
        boolean queryFits = parts.query().isEmpty() ? mark < 0 : matchQuery(query, raw);
        if (!queryFits) {
            return Optional.empty();
        }
        for (String name : required) {
            if (!raw.containsKey(name)) {
                throw new WireFormatException("the request lacks the template variable " + name);
            }
        }
        Map<String, String> values = HashMap.newHashMap(raw.size());
        for (Map.Entry<String, String> entry : raw.entrySet()) {
            values.put(entry.getKey(), PercentEncoding.decode(entry.getValue()));
        }
        return Optional.of(Map.copyOf(values));
    }

    private static void checkCharacters(String pathAndQuery) throws WireFormatException {
        if (pathAndQuery.length() > MAX_PATH_CHARS) {
            throw new WireFormatException("the path is longer than 8192 characters");
        }
        for (int i = 0; i < pathAndQuery.length(); i++) {
            char c = pathAndQuery.charAt(i);
            if (c < 0x21 || c > 0x7e || c == '#') {
                throw new WireFormatException("the path has a character that no URI path has");
            }
        }
    }

    private boolean matchPath(String path, Map<String, String> raw) {
        int at = 0;
        for (int i = 0; i < parts.path().size(); i++) {
            switch (parts.path().get(i)) {
                case PathPart.Literal(String literal) -> {
                    if (!path.startsWith(literal, at)) {
                        return false;
                    }
                    at += literal.length();
                }
                case PathPart.Variable(String name) -> {
                    int end = endOfVariable(path, at, i);
                    raw.put(name, path.substring(at, end));
                    at = end;
                }
            }
        }
        return at == path.length();
    }

    private int endOfVariable(String path, int at, int index) {
        int slash = path.indexOf('/', at);
        int end = slash < 0 ? path.length() : slash;
        if (index + 1 < parts.path().size()
                && parts.path().get(index + 1) instanceof PathPart.Literal(String next)) {
            int stop = path.indexOf(next.charAt(0), at);
            return stop < 0 ? end : Math.min(stop, end);
        }
        return end;
    }

    private boolean matchQuery(String query, Map<String, String> raw) throws WireFormatException {
        Map<String, String> pairs = HashMap.newHashMap(parts.query().size());
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            boolean known = parts.query().stream().anyMatch(part -> part.name().equals(name));
            if (known && pairs.put(name, pair) != null) {
                throw new WireFormatException("a query parameter of the template is given twice");
            }
        }
        for (QueryPart part : parts.query()) {
            String pair = pairs.get(part.name());
            switch (part) {
                case QueryPart.Fixed(_, String literal) -> {
                    if (!literal.equals(pair)) {
                        return false;
                    }
                }
                case QueryPart.Variable(String name, String variable) -> {
                    if (pair != null) {
                        raw.put(
                                variable,
                                pair.substring(Math.min(pair.length(), name.length() + 1)));
                    }
                }
            }
        }
        return true;
    }

    /// The template as it was configured.
    @Override
    public String toString() {
        return text;
    }
}

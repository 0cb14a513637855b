package org.masquerelay.signature;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.masquerelay.wire.BareItem;

/// The values of components whose name begins with `@` ([RFC 9421, section
/// 2.2](https://datatracker.ietf.org/doc/html/rfc9421#section-2.2)).
///
/// The target of a classic CONNECT has no scheme and so no default port: its `@authority` keeps the
/// port. `:protocol` is no derived component; what a tunnel is for is bound by its path.
final class DerivedComponents {
    private static final String NAME = "name";

    private static final Set<String> OF_REQUESTS =
            Set.of(
                    "@method",
                    "@scheme",
                    "@authority",
                    "@target-uri",
                    "@request-target",
                    "@path",
                    "@query",
                    "@query-param");

    private DerivedComponents() {}

    static boolean areOfRequests(String name) {
        return OF_REQUESTS.contains(name);
    }

    static String value(ComponentId component, SignedMessage message)
            throws SignatureFaultException {
        return switch (message) {
            case SignedMessage.Request request -> ofRequest(component, request);
            case SignedMessage.Response response -> ofResponse(component, response);
        };
    }

    private static String ofResponse(ComponentId component, SignedMessage.Response response)
            throws SignatureFaultException {
        if (!component.equals(ComponentId.of("@status"))) {
            throw unknown();
        }
        return Integer.toString(response.status());
    }

    private static String ofRequest(ComponentId component, SignedMessage.Request request)
            throws SignatureFaultException {
        if (component.name().equals("@query-param")) {
            return queryParameter(component.parameters(), query(request));
        }
        if (!component.parameters().isEmpty()) {
            throw unknown(); // No other takes one; `req` has no meaning in a request.
        }
        return switch (component.name()) {
            case "@method" -> request.method();
            case "@scheme" -> present(request.scheme()).toLowerCase(Locale.ROOT);
            case "@authority" -> authority(request);
            case "@target-uri" ->
                    present(request.scheme())
                            + "://"
                            + present(request.authority())
                            + present(request.path());
            case "@request-target" ->
                    request.isClassicConnect()
                            ? present(request.authority())
                            : present(request.path());
            case "@path" -> path(present(request.path()));
            case "@query" -> query(request);
            default -> throw unknown();
        };
    }

    // RFC 9110, section 4.2.3: lower case, and without the default port of the scheme.
    private static String authority(SignedMessage.Request request) throws SignatureFaultException {
        var authority = present(request.authority()).toLowerCase(Locale.ROOT);
        var defaultPort =
                switch (request.scheme()) {
                    case null -> "";
                    case "https" -> ":443";
                    case "http" -> ":80";
                    default -> "";
                };
        return !defaultPort.isEmpty() && authority.endsWith(defaultPort)
                ? authority.substring(0, authority.length() - defaultPort.length())
                : authority;
    }

    private static String path(String pathAndQuery) {
        int mark = pathAndQuery.indexOf('?');
        var path = mark < 0 ? pathAndQuery : pathAndQuery.substring(0, mark);
        return path.isEmpty() ? "/" : path;
    }

    private static String query(SignedMessage.Request request) throws SignatureFaultException {
        var path = present(request.path());
        int mark = path.indexOf('?');
        return mark < 0 ? "?" : path.substring(mark);
    }

    // RFC 9421, section 2.2.8: a parameter that comes more than once must not be covered.
    private static String queryParameter(Map<String, BareItem> parameters, String query)
            throws SignatureFaultException {
        if (parameters.size() != 1
                || !(parameters.get(NAME) instanceof BareItem.Text(String wanted))) {
            throw unknown();
        }
        String found = null;
        for (var pair : query.substring(1).split("&", -1)) {
            int sign = pair.indexOf('=');
            var name = FormEncoding.normalise(sign < 0 ? pair : pair.substring(0, sign));
            if (!pair.isEmpty() && name.equals(wanted)) {
                if (found != null) {
                    throw unknown();
                }
                found = sign < 0 ? "" : FormEncoding.normalise(pair.substring(sign + 1));
            }
        }
        return present(found);
    }

    private static String present(@Nullable String value) throws SignatureFaultException {
        if (value == null) {
            throw unknown();
        }
        return value;
    }

    private static SignatureFaultException unknown() {
        return new SignatureFaultException(SignatureFault.UNKNOWN_COMPONENT);
    }
}

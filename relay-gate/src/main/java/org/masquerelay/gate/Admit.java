package org.masquerelay.gate;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.security.core.Authentication;

/// Which schemes let a request in: any of the alternatives, each of which may name several schemes
/// that have to succeed together.
///
/// @param alternatives names of schemes, at least one in each
public record Admit(List<Set<String>> alternatives) {
    public Admit {
        alternatives = alternatives.stream().map(Set::copyOf).toList();
    }

    /// Reads alternatives such as `token` and `mtls+token`.
    ///
    /// @throws IllegalArgumentException with the alternative that names nothing
    public static Admit parse(List<String> texts) {
        return new Admit(texts.stream().map(Admit::names).toList());
    }

    private static Set<String> names(String text) {
        var names = new LinkedHashSet<String>();
        Arrays.stream(text.split("\\+", -1)).map(String::strip).forEach(names::add);
        if (names.contains("")) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" (expected: names of schemes, joined by +)");
        }
        return names;
    }

    /// All schemes that are named.
    public Set<String> schemes() {
        var all = new LinkedHashSet<String>();
        alternatives.forEach(all::addAll);
        return all;
    }

    /// Whether what has succeeded is enough. Somebody whom a filter of an operator has
    /// authenticated, and no scheme of the relay, is in: that is what such a filter is for.
    boolean isSatisfiedBy(Authentication authentication) {
        if (!(authentication instanceof TunnelAuthentication tunnel)) {
            return authentication.isAuthenticated();
        }
        return tunnel.hasOtherProof()
                || alternatives.stream().anyMatch(tunnel.schemes()::containsAll);
    }
}

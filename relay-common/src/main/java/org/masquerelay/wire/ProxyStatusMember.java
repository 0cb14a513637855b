package org.masquerelay.wire;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What one proxy of the chain has to say about a response: who it is, what went wrong, and
/// details.
///
/// @param identifier the name of the proxy
/// @param error a type of the IANA registry of Proxy-Status errors, absent on success
/// @param parameters all others by name, in their order, known or not
public record ProxyStatusMember(
        String identifier, Optional<String> error, Map<String, BareItem> parameters) {

    public ProxyStatusMember {
        if (error.isPresent() && !StructuredFields.isToken(error.get())) {
            throw new IllegalArgumentException("error: not a token");
        }
        for (String name : parameters.keySet()) {
            if (!StructuredFields.isKey(name) || (name.equals("error") && error.isPresent())) {
                throw new IllegalArgumentException("parameter " + name + ": no valid name");
            }
        }
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }
}

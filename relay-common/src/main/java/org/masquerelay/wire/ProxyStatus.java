package org.masquerelay.wire;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The `Proxy-Status` field of [RFC 9209](https://datatracker.ietf.org/doc/html/rfc9209).
///
/// The proxy nearest to the origin stands first; each further one appends its own member.
public final class ProxyStatus {

    private static final String ERROR = "error";

    private ProxyStatus() {}

    /// The field value. Identifiers are written as strings, since not all are tokens.
    public static String format(List<ProxyStatusMember> members) {
        StringBuilder out = new StringBuilder();
        for (ProxyStatusMember member : members) {
            if (!out.isEmpty()) {
                out.append(", ");
            }
            out.append(StructuredFields.string(member.identifier()));
            member.error().ifPresent(error -> out.append(";error=").append(error));
            for (Map.Entry<String, BareItem> parameter : member.parameters().entrySet()) {
                StructuredFields.appendParameter(out, parameter);
            }
        }
        return out.toString();
    }

    /// The members of a received value, several field lines joined with commas; none if it is
    /// malformed.
    public static List<ProxyStatusMember> parse(String headerValue) {
        try {
            List<ProxyStatusMember> members = new ArrayList<>();
            for (StructuredFieldParser.Member member :
                    new StructuredFieldParser(headerValue).list()) {
                members.add(read(member));
            }
            return List.copyOf(members);
        } catch (WireFormatException _) {
            return List.of();
        }
    }

    private static ProxyStatusMember read(StructuredFieldParser.Member member)
            throws WireFormatException {
        // RFC 9209, section 2: the member is a String or a Token.
        String identifier =
                switch (member.value()) {
                    case BareItem.Text(String text) -> text;
                    case BareItem.Token(String token) -> token;
                    case BareItem.Bool _, BareItem.Whole _, BareItem.Verbatim _ ->
                            throw new WireFormatException("a Proxy-Status member names no proxy");
                };
        Map<String, BareItem> parameters = new LinkedHashMap<>(member.parameters());
        if (parameters.get(ERROR) instanceof BareItem.Token(String error)) {
            parameters.remove(ERROR);
            return new ProxyStatusMember(identifier, Optional.of(error), parameters);
        }
        return new ProxyStatusMember(identifier, Optional.empty(), parameters);
    }
}

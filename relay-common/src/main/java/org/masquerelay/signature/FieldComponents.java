package org.masquerelay.signature;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.BareItem;
import org.masquerelay.wire.StructuredFields;
import org.masquerelay.wire.StructuredMember;
import org.masquerelay.wire.WireFormatException;

/// The values of components that are fields ([RFC 9421, section
/// 2.1](https://datatracker.ietf.org/doc/html/rfc9421#section-2.1)).
///
/// `sf` is understood for the fields in [#TYPES], `key` for every field that parses as a
/// dictionary, and `bs` for all. `tr` and `req` are refused: trailers are no part of a
/// [SignedMessage], and responses are not signed here.
final class FieldComponents {
    private static final String SF = "sf";
    private static final String KEY = "key";
    private static final String BS = "bs";

    private enum Type {
        ITEM,
        LIST,
        DICTIONARY
    }

    /// The structured fields whose type is known.
    private static final Map<String, Type> TYPES =
            Map.of(
                    "capsule-protocol", Type.ITEM,
                    "priority", Type.DICTIONARY,
                    "content-digest", Type.DICTIONARY,
                    "repr-digest", Type.DICTIONARY,
                    "signature", Type.DICTIONARY,
                    "signature-input", Type.DICTIONARY,
                    "proxy-status", Type.LIST,
                    "cache-status", Type.LIST,
                    "client-cert-chain", Type.LIST,
                    "client-cert", Type.ITEM);

    private FieldComponents() {}

    static String value(ComponentId component, HeaderFields fields) throws SignatureFaultException {
        var lines = fields.all(component.name()).stream().map(String::strip).toList();
        if (lines.isEmpty()) {
            throw unknown();
        }
        var parameters = component.parameters();
        if (parameters.isEmpty()) {
            return String.join(", ", lines);
        }
        try {
            if (parameters.equals(Map.of(BS, new BareItem.Bool(true)))) {
                return binary(lines);
            }
            return structured(component, lines);
        } catch (WireFormatException _) {
            throw unknown();
        }
    }

    private static String binary(List<String> lines) {
        return lines.stream()
                .map(line -> line.getBytes(StandardCharsets.ISO_8859_1))
                .map(bytes -> BareItem.Verbatim.ofBytes(bytes).notation())
                .collect(Collectors.joining(", "));
    }

    private static String structured(ComponentId component, List<String> lines)
            throws SignatureFaultException, WireFormatException {
        var parameters = component.parameters();
        // With `key`, `sf` says nothing that is not true already.
        boolean strict = new BareItem.Bool(true).equals(parameters.get(SF));
        if (!Set.of(SF, KEY).containsAll(parameters.keySet())
                || (parameters.containsKey(SF) && !strict)) {
            throw unknown();
        }
        if (!parameters.containsKey(KEY)) {
            return strictly(component.name(), lines);
        }
        if (!(parameters.get(KEY) instanceof BareItem.Text(String key))) {
            throw unknown();
        }
        var member = StructuredFields.parseDictionary(lines).get(key);
        if (member == null) {
            throw unknown();
        }
        return member.format();
    }

    private static String strictly(String name, List<String> lines)
            throws SignatureFaultException, WireFormatException {
        return switch (TYPES.get(name)) {
            case null -> throw unknown();
            case ITEM -> StructuredFields.parseItem(lines).format();
            case LIST ->
                    StructuredFields.parseList(lines).stream()
                            .map(StructuredMember::format)
                            .collect(Collectors.joining(", "));
            case DICTIONARY -> StructuredFields.format(StructuredFields.parseDictionary(lines));
        };
    }

    private static SignatureFaultException unknown() {
        return new SignatureFaultException(SignatureFault.UNKNOWN_COMPONENT);
    }
}

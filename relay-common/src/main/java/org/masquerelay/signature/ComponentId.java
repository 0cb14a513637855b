package org.masquerelay.signature;

import java.util.List;
import java.util.Map;
import org.masquerelay.wire.BareItem;
import org.masquerelay.wire.StructuredFields;
import org.masquerelay.wire.StructuredMember;
import org.masquerelay.wire.WireFormatException;

/// Names a part of a message ([RFC 9421, section
/// 2](https://datatracker.ietf.org/doc/html/rfc9421#section-2)): a field in lower case, or a
/// derived component that begins with `@`.
public record ComponentId(String name, Map<String, BareItem> parameters) {
    public static final ComponentId METHOD = of("@method");
    public static final ComponentId AUTHORITY = of("@authority");
    public static final ComponentId PATH = of("@path");
    public static final ComponentId QUERY = of("@query");
    public static final ComponentId TARGET_URI = of("@target-uri");
    public static final ComponentId REQUEST_TARGET = of("@request-target");

    /// Without parameters.
    public static ComponentId of(String name) {
        return new ComponentId(name, Map.of());
    }

    static ComponentId of(StructuredMember.Item item) throws SignatureFaultException {
        if (item.value() instanceof BareItem.Text(String name)) {
            return new ComponentId(name, item.parameters());
        }
        throw new SignatureFaultException(SignatureFault.MALFORMED);
    }

    /// What a setting says: `@path`, `user-agent`, or with parameters `"priority";key="u"`.
    public static ComponentId parse(String notation) throws WireFormatException {
        if (!notation.startsWith("\"")) {
            return of(notation);
        }
        try {
            return of(StructuredFields.parseItem(List.of(notation)));
        } catch (SignatureFaultException _) {
            throw new WireFormatException("a component is not named by a string");
        }
    }

    /// This, if a request may have it.
    ///
    /// @throws WireFormatException if no request has, so that no signature could ever cover it
    public ComponentId checked() throws WireFormatException {
        if (isDerived() ? !DerivedComponents.areOfRequests(name) : !isFieldName(name)) {
            throw new WireFormatException("no request has it");
        }
        return this;
    }

    /// A token (RFC 9110, section 5.1) in lower case.
    private static boolean isFieldName(String name) {
        return !name.isEmpty()
                && name.chars()
                        .allMatch(c ->
                                (c >= 'a' && c <= 'z')
                                        || (c >= '0' && c <= '9')
                                        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    boolean isDerived() {
        return name.startsWith("@");
    }

    StructuredMember.Item item() {
        return new StructuredMember.Item(new BareItem.Text(name), parameters);
    }

    /// As the signature base and Signature-Input have it.
    public String format() {
        return item().format();
    }
}

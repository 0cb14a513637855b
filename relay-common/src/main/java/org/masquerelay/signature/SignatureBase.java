package org.masquerelay.signature;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;

/// The bytes that are signed ([RFC 9421, section
/// 2.5](https://datatracker.ietf.org/doc/html/rfc9421#section-2.5)).
public record SignatureBase(String text) {

    /// @throws SignatureFaultException if a component cannot be had from the message or comes twice
    public static SignatureBase of(SignedMessage message, SignatureParameters parameters)
            throws SignatureFaultException {
        var out = new StringBuilder();
        var seen = new HashSet<ComponentId>();
        for (var component : parameters.components()) {
            if (!seen.add(component)) {
                throw new SignatureFaultException(SignatureFault.MALFORMED);
            }
            out.append(component.format())
                    .append(": ")
                    .append(checked(value(component, message)))
                    .append('\n');
        }
        out.append('"').append(SignatureParameters.NAME).append("\": ").append(parameters.format());
        return new SignatureBase(out.toString());
    }

    private static String value(ComponentId component, SignedMessage message)
            throws SignatureFaultException {
        return component.isDerived()
                ? DerivedComponents.value(component, message)
                : FieldComponents.value(component, message.fields());
    }

    /// A line end would let one component pass for two.
    private static String checked(String value) throws SignatureFaultException {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c != '\t' && (c < 0x20 || c > 0x7e)) {
                throw new SignatureFaultException(SignatureFault.UNKNOWN_COMPONENT);
            }
        }
        return value;
    }

    public byte[] bytes() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

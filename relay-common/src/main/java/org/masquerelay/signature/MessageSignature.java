package org.masquerelay.signature;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.BareItem;
import org.masquerelay.wire.StructuredFields;
import org.masquerelay.wire.StructuredMember;
import org.masquerelay.wire.WireFormatException;

/// One signature of a message, as Signature-Input and Signature have it ([RFC 9421, section
/// 4](https://datatracker.ietf.org/doc/html/rfc9421#section-4)); not yet verified.
public record MessageSignature(
        String label, SignatureParameters parameters, ImmutableBytes signature) {
    static final String SIGNATURE = "signature";
    static final String SIGNATURE_INPUT = "signature-input";

    /// Tuning: more than one belongs to others, and each is parsed for nothing.
    private static final int MAX_SIGNATURES = 8;

    private static final int MAX_CHARS = 8192;
    private static final int MAX_SIGNATURE_BYTES = 1024;

    /// All signatures of a message, in the order of Signature-Input.
    ///
    /// @throws SignatureFaultException if a label or parameter comes twice, if the labels of both
    ///   fields differ, or if one is not well-formed: who reads which would be anybody's guess
    public static List<MessageSignature> parse(HeaderFields fields) throws SignatureFaultException {
        var inputs = members(fields, SIGNATURE_INPUT);
        var signatures = members(fields, SIGNATURE);
        if (!inputs.keySet().equals(signatures.keySet())) {
            throw new SignatureFaultException(SignatureFault.MALFORMED);
        }
        var found = new ArrayList<MessageSignature>();
        for (var input : inputs.entrySet()) {
            found.add(
                    new MessageSignature(
                            input.getKey(),
                            SignatureParameters.of(input.getValue()),
                            bytes(signatures.get(input.getKey()))));
        }
        return found;
    }

    private static Map<String, StructuredMember> members(HeaderFields fields, String name)
            throws SignatureFaultException {
        var lines = fields.all(name);
        if (lines.stream().mapToInt(String::length).sum() > MAX_CHARS) {
            throw new SignatureFaultException(SignatureFault.TOO_LARGE);
        }
        try {
            var members = StructuredFields.parseUnambiguousDictionary(lines);
            if (members.size() > MAX_SIGNATURES) {
                throw new SignatureFaultException(SignatureFault.TOO_LARGE);
            }
            return members;
        } catch (WireFormatException _) {
            throw new SignatureFaultException(SignatureFault.MALFORMED);
        }
    }

    private static ImmutableBytes bytes(@Nullable StructuredMember member)
            throws SignatureFaultException {
        if (member instanceof StructuredMember.Item(BareItem.Verbatim value, _)) {
            var bytes = value.bytes();
            if (bytes.isPresent()) {
                if (bytes.get().length > MAX_SIGNATURE_BYTES) {
                    throw new SignatureFaultException(SignatureFault.TOO_LARGE);
                }
                return ImmutableBytes.copyOf(bytes.get());
            }
        }
        throw new SignatureFaultException(SignatureFault.MALFORMED);
    }
}

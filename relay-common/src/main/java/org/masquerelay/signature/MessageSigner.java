package org.masquerelay.signature;

import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.BareItem;
import org.masquerelay.wire.StructuredFields;
import org.masquerelay.wire.StructuredMember;

/// The client's side: signs requests for a relay ([RFC 9421, section
/// 3.1](https://datatracker.ietf.org/doc/html/rfc9421#section-3.1)). Any thread.
///
/// @param requirements what the relay asks for
/// @param lifetime until a signature expires
public record MessageSigner(
        String keyId,
        PrivateKey key,
        SignatureRequirements requirements,
        Duration lifetime,
        InstantSource clock,
        SecureRandom random) {
    private static final String LABEL = "relay";
    private static final int NONCE_BYTES = 16;

    /// The fields of `request` with Signature-Input and Signature behind them.
    ///
    /// @throws SignatureFaultException if the request lacks what has to be covered
    public HeaderFields sign(SignedMessage.Request request) throws SignatureFaultException {
        var algorithm = algorithm();
        long created = clock.instant().getEpochSecond();
        var nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        Map<String, BareItem> parameters = new LinkedHashMap<>();
        parameters.put(SignatureParameters.CREATED, new BareItem.Whole(created));
        parameters.put(
                SignatureParameters.EXPIRES, new BareItem.Whole(created + lifetime.toSeconds()));
        parameters.put(
                SignatureParameters.NONCE,
                new BareItem.Text(Base64.getUrlEncoder().withoutPadding().encodeToString(nonce)));
        parameters.put(SignatureParameters.KEY_ID, new BareItem.Text(keyId));
        parameters.put(SignatureParameters.ALG, new BareItem.Text(algorithm.token()));
        parameters.put(SignatureParameters.TAG, new BareItem.Text(requirements.tag()));
        return sign(request, requirements.coverage(request), parameters);
    }

    /// The same over any components and with any parameters.
    public HeaderFields sign(
            SignedMessage.Request request,
            List<ComponentId> components,
            Map<String, BareItem> parameters)
            throws SignatureFaultException {
        var signed = SignatureParameters.of(components, parameters);
        var base = SignatureBase.of(request, signed);
        var signature = algorithm().sign(key, base.bytes());
        return request.fields()
                .with(
                        MessageSignature.SIGNATURE_INPUT,
                        StructuredFields.format(Map.of(LABEL, signed.list())))
                .with(
                        MessageSignature.SIGNATURE,
                        StructuredFields.format(
                                Map.of(
                                        LABEL,
                                        new StructuredMember.Item(
                                                BareItem.Verbatim.ofBytes(signature)))));
    }

    private SignatureAlgorithm algorithm() {
        return SignatureAlgorithm.of(key)
                .orElseThrow(() ->
                        new IllegalStateException(
                                "key: of an unknown kind (expected: Ed25519, P-256 or RSA)"));
    }
}

package org.masquerelay.gate.signature;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.masquerelay.gate.ConnectExchange;
import org.masquerelay.gate.Scheme;
import org.masquerelay.signature.SignatureRequirements;
import org.masquerelay.signature.SignatureVerifier;
import org.masquerelay.signature.SignedMessage;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/// `signature`: the request is signed with a key that is known, in time and for the first time
/// (HTTP Message Signatures, RFC 9421).
public final class MessageSignatureScheme implements Scheme {
    public static final String NAME = "signature";

    private static final String LABEL = "relay";
    private static final int NONCE_BYTES = 16;

    private final SignatureVerifier verifier;
    private final SignatureRequirements requirements;
    private final ReactiveAuthenticationManager manager;
    private final SecureRandom random;

    /// @param tenants whom each `keyid` stands for
    public MessageSignatureScheme(
            SignatureVerifier verifier,
            SignatureRequirements requirements,
            Map<String, Tenant> tenants,
            SecureRandom random) {
        this.verifier = verifier;
        this.requirements = requirements;
        this.manager = new SignatureJudge(verifier, tenants);
        this.random = random;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ServerAuthenticationConverter converter() {
        return exchange -> Mono.justOrEmpty(signed(exchange));
    }

    private @org.jspecify.annotations.Nullable Authentication signed(ServerWebExchange exchange) {
        if (!isPresented(exchange)
                || !(exchange.getAttributes().get(ConnectExchange.TUNNEL)
                        instanceof TunnelRequest tunnel)) {
            return null;
        }
        var request = message(tunnel);
        return verifier.isSigned(request) ? new SignedAuthentication(request) : null;
    }

    private static SignedMessage.Request message(TunnelRequest tunnel) {
        return SignedMessage.of(tunnel.head(), tunnel.peer().version());
    }

    @Override
    public ReactiveAuthenticationManager manager() {
        return manager;
    }

    /// RFC 9110, section 15.5.2, wants a challenge in a 401, and RFC 9421 has none: what is asked
    /// for stands in Accept-Signature.
    @Override
    public List<String> challenges() {
        return List.of("Signature realm=\"" + requirements.tag() + "\"");
    }

    /// The nonce is only proposed. What counts is that none comes twice.
    @Override
    public HeaderFields hints(TunnelRequest request) {
        var nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        return HeaderFields.of(
                "accept-signature",
                requirements.acceptSignature(
                        LABEL,
                        message(request),
                        Base64.getUrlEncoder().withoutPadding().encodeToString(nonce)));
    }

    @Override
    public boolean isPresented(ServerWebExchange exchange) {
        var headers = exchange.getRequest().getHeaders();
        return headers.containsHeader("signature-input") || headers.containsHeader("signature");
    }
}

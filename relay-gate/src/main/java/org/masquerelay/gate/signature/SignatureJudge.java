package org.masquerelay.gate.signature;

import java.util.Map;
import org.masquerelay.gate.CredentialsRefusedException;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.gate.TunnelAuthentication;
import org.masquerelay.signature.SignatureFault;
import org.masquerelay.signature.SignatureVerdict;
import org.masquerelay.signature.SignatureVerifier;
import org.masquerelay.tunnel.Tenant;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import reactor.core.publisher.Mono;

/// Verifies the signature of a request, on the event loop: that takes less than handing the request
/// to another thread and back.
final class SignatureJudge implements ReactiveAuthenticationManager {
    private static final Why STORE_FAILED = Why.overloaded("signatures cannot be accepted now");

    private final SignatureVerifier verifier;
    private final Map<String, Tenant> tenants;

    SignatureJudge(SignatureVerifier verifier, Map<String, Tenant> tenants) {
        this.verifier = verifier;
        this.tenants = Map.copyOf(tenants);
    }

    @Override
    public Mono<Authentication> authenticate(Authentication authentication) {
        if (!(authentication instanceof SignedAuthentication signed)) {
            return Mono.empty();
        }
        return Mono.fromCompletionStage(verifier.verify(signed.request()))
                .onErrorMap(_ -> new CredentialsRefusedException(STORE_FAILED))
                .flatMap(this::judged);
    }

    private Mono<Authentication> judged(SignatureVerdict verdict) {
        return switch (verdict) {
            case SignatureVerdict.Verified(var key) -> {
                var tenant = tenants.get(key.id());
                yield Mono.just(
                        tenant == null
                                ? TunnelAuthentication.anonymous(MessageSignatureScheme.NAME)
                                : TunnelAuthentication.of(MessageSignatureScheme.NAME, tenant));
            }
            case SignatureVerdict.Refused(var fault) ->
                    Mono.error(new CredentialsRefusedException(why(fault)));
            case SignatureVerdict.Absent _ ->
                    Mono.error(
                            new CredentialsRefusedException(
                                    Why.challenge("the request is not signed")));
        };
    }

    /// An unknown key and a wrong signature read the same: nobody finds out which keys there are.
    private static Why why(SignatureFault fault) {
        return switch (fault) {
            case UNKNOWN_KEY, WRONG_SIGNATURE, WRONG_ALGORITHM ->
                    Why.notGenuine("the signature does not verify");
            case NONCES_FULL -> Why.overloaded("no more signatures can be accepted now");
            case MALFORMED, TOO_LARGE, AMBIGUOUS, UNKNOWN_COMPONENT ->
                    Why.challenge("the signature is malformed");
            case NOT_COVERED -> Why.challenge("the signature does not cover enough");
            case MISSING_PARAMETER -> Why.challenge("the signature lacks a parameter");
            case CREATED_IN_THE_FUTURE, TOO_OLD, EXPIRED ->
                    Why.challenge("the signature is not of this time");
            case REPLAYED -> Why.challenge("the signature was used before");
        };
    }
}

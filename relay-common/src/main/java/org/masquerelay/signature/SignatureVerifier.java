package org.masquerelay.signature;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Verifies that a request was signed for this relay ([RFC 9421, section
/// 3.2](https://datatracker.ietf.org/doc/html/rfc9421#section-3.2)). Any thread.
public final class SignatureVerifier {
    private final VerificationKeys keys;
    private final SignatureRequirements requirements;
    private final NonceStore nonces;
    private final InstantSource clock;

    public SignatureVerifier(
            VerificationKeys keys,
            SignatureRequirements requirements,
            NonceStore nonces,
            InstantSource clock) {
        this.keys = keys;
        this.requirements = requirements;
        this.nonces = nonces;
        this.clock = clock;
    }

    /// Whether there is something to judge: a signature with the tag of this relay, or fields that
    /// may hold one and cannot be read.
    public boolean isSigned(SignedMessage.Request request) {
        try {
            return !ours(MessageSignature.parse(request.fields())).isEmpty();
        } catch (SignatureFaultException _) {
            return true;
        }
    }

    /// The stage completes exceptionally only if the nonces cannot be asked. A nonce is used up by
    /// a right signature and by nothing else: nobody fills the store, or burns the nonce of
    /// somebody, without a key.
    public CompletionStage<SignatureVerdict> verify(SignedMessage.Request request) {
        try {
            var ours = ours(MessageSignature.parse(request.fields()));
            if (ours.isEmpty()) {
                return completed(new SignatureVerdict.Absent());
            }
            if (ours.size() > 1) {
                throw new SignatureFaultException(SignatureFault.AMBIGUOUS);
            }
            return claim(ours.getFirst(), check(request, ours.getFirst()));
        } catch (SignatureFaultException e) {
            return completed(new SignatureVerdict.Refused(e.fault()));
        }
    }

    private List<MessageSignature> ours(List<MessageSignature> all) {
        return all.stream()
                .filter(each ->
                        each.parameters().tag().filter(requirements.tag()::equals).isPresent())
                .toList();
    }

    private VerificationKey check(SignedMessage.Request request, MessageSignature signature)
            throws SignatureFaultException {
        var parameters = signature.parameters();
        requirements.check(request, parameters, clock.instant());
        var key =
                parameters
                        .keyId()
                        .flatMap(keys::find)
                        .orElseThrow(() -> new SignatureFaultException(SignatureFault.UNKNOWN_KEY));
        // RFC 9421, section 3.2, step 6: the algorithm is the key's, and `alg` may only agree.
        if (parameters
                .algorithm()
                .filter(alg -> !alg.equals(key.algorithm().token()))
                .isPresent()) {
            throw new SignatureFaultException(SignatureFault.WRONG_ALGORITHM);
        }
        var base = SignatureBase.of(request, parameters);
        if (!key.algorithm().verify(key.key(), base.bytes(), signature.signature().toArray())) {
            throw new SignatureFaultException(SignatureFault.WRONG_SIGNATURE);
        }
        return key;
    }

    private CompletionStage<SignatureVerdict> claim(
            MessageSignature signature, VerificationKey key) {
        var parameters = signature.parameters();
        return nonces.claim(
                        key.id(),
                        parameters.nonce().orElseThrow(),
                        requirements.forgetAfter(parameters.created().orElseThrow()))
                .thenApply(claim ->
                        switch (claim) {
                            case FRESH -> new SignatureVerdict.Verified(key);
                            case USED -> new SignatureVerdict.Refused(SignatureFault.REPLAYED);
                            case FULL -> new SignatureVerdict.Refused(SignatureFault.NONCES_FULL);
                        });
    }

    private static CompletionStage<SignatureVerdict> completed(SignatureVerdict verdict) {
        return CompletableFuture.completedFuture(verdict);
    }
}

package org.masquerelay.signature;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.masquerelay.wire.BareItem;

/// What a signature has to cover and say to be accepted ([RFC 9421, section
/// 3.2.1](https://datatracker.ietf.org/doc/html/rfc9421#section-3.2.1)).
///
/// Always `@method` and where the tunnel goes: `@authority` or `@request-target` of a classic
/// CONNECT; `@authority`, and `@target-uri` or `@path`, with `@query` where there is one, of every
/// other request. And `capsule-protocol` where that came, since `:protocol` cannot be covered.
///
/// @param tag what signatures for this relay are tagged with; others are left alone
/// @param window how old a signature may be
/// @param skew how far the signer's clock may be ahead of ours
/// @param components what has to be covered besides
public record SignatureRequirements(
        String tag, Duration window, Duration skew, List<ComponentId> components) {
    private static final ComponentId CAPSULE_PROTOCOL = ComponentId.of("capsule-protocol");

    public SignatureRequirements {
        components = List.copyOf(components);
    }

    void check(SignedMessage.Request request, SignatureParameters parameters, Instant now)
            throws SignatureFaultException {
        checkTime(parameters, now);
        var covered = parameters.components();
        boolean target =
                request.isClassicConnect()
                        ? covered.contains(ComponentId.AUTHORITY)
                                || covered.contains(ComponentId.REQUEST_TARGET)
                        : covered.contains(ComponentId.AUTHORITY) && coversPath(request, covered);
        boolean capsules =
                !request.fields().contains(CAPSULE_PROTOCOL.name())
                        || covered.stream()
                                .anyMatch(each -> each.name().equals(CAPSULE_PROTOCOL.name()));
        if (!covered.contains(ComponentId.METHOD)
                || !target
                || !capsules
                || !covered.containsAll(components)) {
            throw new SignatureFaultException(SignatureFault.NOT_COVERED);
        }
    }

    private static boolean coversPath(SignedMessage.Request request, List<ComponentId> covered) {
        return covered.contains(ComponentId.TARGET_URI)
                || (covered.contains(ComponentId.PATH)
                        && (!request.hasQuery() || covered.contains(ComponentId.QUERY)));
    }

    private void checkTime(SignatureParameters parameters, Instant now)
            throws SignatureFaultException {
        if (parameters.created().isEmpty()
                || parameters.expires().isEmpty()
                || parameters.nonce().isEmpty()
                || parameters.keyId().isEmpty()) {
            throw new SignatureFaultException(SignatureFault.MISSING_PARAMETER);
        }
        var created = parameters.created().get();
        if (created.isAfter(now.plus(skew))) {
            throw new SignatureFaultException(SignatureFault.CREATED_IN_THE_FUTURE);
        }
        if (created.isBefore(now.minus(window))) {
            throw new SignatureFaultException(SignatureFault.TOO_OLD);
        }
        if (parameters.expires().get().isBefore(now)) {
            throw new SignatureFaultException(SignatureFault.EXPIRED);
        }
    }

    /// When a signature that was accepted is refused for its age, and its nonce can be forgotten.
    Instant forgetAfter(Instant created) {
        return created.plus(window).plusSeconds(1);
    }

    /// What a signature over `request` covers to be accepted.
    public List<ComponentId> coverage(SignedMessage.Request request) {
        var covered = new ArrayList<ComponentId>();
        covered.add(ComponentId.METHOD);
        covered.add(ComponentId.AUTHORITY);
        if (!request.isClassicConnect()) {
            covered.add(ComponentId.PATH);
        }
        if (request.hasQuery()) {
            covered.add(ComponentId.QUERY);
        }
        if (request.fields().contains(CAPSULE_PROTOCOL.name())) {
            covered.add(CAPSULE_PROTOCOL);
        }
        components.stream().filter(each -> !covered.contains(each)).forEach(covered::add);
        return covered;
    }

    /// The value of Accept-Signature ([RFC 9421, section
    /// 5](https://datatracker.ietf.org/doc/html/rfc9421#section-5)) that asks for a signature over
    /// a request like `request`, with `nonce`.
    public String acceptSignature(String label, SignedMessage.Request request, String nonce) {
        Map<String, BareItem> wanted = new LinkedHashMap<>();
        wanted.put(SignatureParameters.CREATED, new BareItem.Bool(true));
        wanted.put(SignatureParameters.EXPIRES, new BareItem.Bool(true));
        wanted.put(SignatureParameters.NONCE, new BareItem.Text(nonce));
        wanted.put(SignatureParameters.TAG, new BareItem.Text(tag));
        return label + "=" + SignatureParameters.of(coverage(request), wanted).format();
    }
}

package org.masquerelay.gate.issuer;

import java.nio.ByteBuffer;
import org.masquerelay.gate.PlainGate;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.Refusal;

/// Asks the schemes of `relay.auth.admit`: a client is the tenant that they name, or its address
/// where they name nobody.
public final class SchemeAttester implements Attester {
    private final PlainGate gate;

    public SchemeAttester(PlainGate gate) {
        this.gate = gate;
    }

    @Override
    public Attestation attest(PlainRequest request, Peer peer) {
        return switch (gate.judge(request, peer)) {
            case PlainGate.Admitted(var tenant) ->
                    new Attested(
                            tenant.map(one -> "tenant " + one.id())
                                    .orElseGet(() -> AddressAttester.clientOf(peer)));
            case PlainGate.Refused(var refusal) -> new Refused(answer(refusal));
        };
    }

    private static PlainResponse answer(Refusal refusal) {
        return new PlainResponse(refusal.status(), refusal.fields(), ByteBuffer.allocate(0));
    }
}

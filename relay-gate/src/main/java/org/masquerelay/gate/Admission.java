package org.masquerelay.gate;

import java.util.Optional;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;

/// Proof that a request passed the gate.
///
/// Only a [Gate] makes one, so a tunnel cannot be leased by code that forgot to ask. What the
/// request was admitted for (a token) is held until the outcome is known: exactly one of [#spend]
/// and [#giveBack] is called.
public final class Admission {
    private final TunnelRequest request;
    private final Optional<Tenant> tenant;
    private final Credential credential;

    Admission(TunnelRequest request, Optional<Tenant> tenant, Credential credential) {
        this.request = request;
        this.tenant = tenant;
        this.credential = credential;
    }

    /// What an admission costs. A scheme that holds something until the outcome is known puts it
    /// into the attribute [#ATTRIBUTE] of the exchange.
    public interface Credential {
        /// The attribute of an exchange with what its admission costs.
        String ATTRIBUTE = Credential.class.getName();

        /// A credential that can be used any number of times.
        Credential REUSABLE =
                new Credential() {
                    @Override
                    public void spend() {}

                    @Override
                    public void giveBack() {}
                };

        void spend();

        void giveBack();
    }

    public TunnelRequest request() {
        return request;
    }

    /// Who was admitted, where the schemes name somebody.
    public Optional<Tenant> tenant() {
        return tenant;
    }

    /// The next hop has acted on the request: a token is spent, whatever the answer was.
    public void spend() {
        credential.spend();
    }

    /// Nothing was done for the request, through no fault of the client: its token can be used
    /// again.
    public void giveBack() {
        credential.giveBack();
    }
}

package org.masquerelay.ingress.gate;

import java.util.Collection;
import java.util.List;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/// The bearer of a token: nobody in particular, which is the point.
final class PrivateTokenAuthentication extends AbstractAuthenticationToken {
    /// What rules can ask for with `hasAuthority`.
    static final GrantedAuthority AUTHORITY = new SimpleGrantedAuthority("PRIVATE_TOKEN");

    private static final String NAME = "token";

    private final transient Redemption redemption;

    private PrivateTokenAuthentication(
            Redemption redemption, Collection<? extends GrantedAuthority> authorities) {
        super(authorities);
        this.redemption = redemption;
    }

    static PrivateTokenAuthentication presented(Redemption redemption) {
        return new PrivateTokenAuthentication(redemption, List.of());
    }

    static PrivateTokenAuthentication redeemed(
            Redemption redemption, Collection<? extends GrantedAuthority> authorities) {
        var redeemed = new PrivateTokenAuthentication(redemption, authorities);
        redeemed.setAuthenticated(true);
        return redeemed;
    }

    Redemption redemption() {
        return redemption;
    }

    @Override
    public Object getCredentials() {
        return "";
    }

    @Override
    public Object getPrincipal() {
        return NAME;
    }
}

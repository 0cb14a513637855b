package org.masquerelay.gate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.Tenant;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/// Who asks for a tunnel, as far as the schemes that have succeeded tell.
///
/// Each success takes up those before it. The tenant is the first one named: a token that comes
/// after a certificate adds the right to enter and changes nobody's name.
public final class TunnelAuthentication extends AbstractAuthenticationToken {
    private static final long serialVersionUID = 1L;

    private final Set<String> schemes;
    private final transient Optional<Tenant> tenant;
    private final boolean hasOtherProof;

    private TunnelAuthentication(
            Set<String> schemes,
            Optional<Tenant> tenant,
            boolean hasOtherProof,
            Collection<? extends GrantedAuthority> authorities) {
        super(authorities);
        this.schemes = schemes;
        this.tenant = tenant;
        this.hasOtherProof = hasOtherProof;
        setAuthenticated(true);
    }

    /// Somebody of whom nothing is known but that the scheme has succeeded.
    public static TunnelAuthentication anonymous(String scheme) {
        return of(scheme, Optional.empty());
    }

    public static TunnelAuthentication of(String scheme, Tenant tenant) {
        return of(scheme, Optional.of(tenant));
    }

    private static TunnelAuthentication of(String scheme, Optional<Tenant> tenant) {
        return new TunnelAuthentication(Set.of(scheme), tenant, false, List.of(authority(scheme)));
    }

    /// What rules can ask for with `hasAuthority`: `SCHEME_token`.
    static GrantedAuthority authority(String scheme) {
        return new SimpleGrantedAuthority("SCHEME_" + scheme);
    }

    /// This, and what was known before it.
    TunnelAuthentication after(Authentication earlier) {
        var all = new ArrayList<GrantedAuthority>(earlier.getAuthorities());
        all.addAll(getAuthorities());
        if (!(earlier instanceof TunnelAuthentication before)) {
            return new TunnelAuthentication(schemes, tenant, isProof(earlier), all);
        }
        var names = new TreeSet<>(before.schemes);
        names.addAll(schemes);
        return new TunnelAuthentication(
                names,
                before.tenant.isPresent() ? before.tenant : tenant,
                before.hasOtherProof || hasOtherProof,
                all);
    }

    private static boolean isProof(Authentication earlier) {
        return earlier.isAuthenticated() && !(earlier instanceof AnonymousAuthenticationToken);
    }

    /// The names of the schemes that have succeeded.
    public Set<String> schemes() {
        return schemes;
    }

    public Optional<Tenant> tenant() {
        return tenant;
    }

    /// Whether a filter of an operator had authenticated the request before.
    boolean hasOtherProof() {
        return hasOtherProof;
    }

    @Override
    public Object getCredentials() {
        return "";
    }

    /// The tenant's identity, or the schemes where nobody is named.
    @Override
    public Object getPrincipal() {
        return tenant.map(Tenant::id).orElseGet(() -> String.join("+", schemes));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TunnelAuthentication that
                && schemes.equals(that.schemes)
                && tenant.equals(that.tenant)
                && super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode() * 31 + schemes.hashCode();
    }
}

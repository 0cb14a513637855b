package org.masquerelay.ingress.config;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.boot.config.SecretBytes;
import org.masquerelay.ingress.config.UpstreamProperties.ShownTenant;
import org.masquerelay.pki.DevelopmentPki;
import org.masquerelay.tenant.OpaqueTenants;
import org.masquerelay.tenant.TenantKey;
import org.masquerelay.tenant.TenantWriter;
import org.masquerelay.tunnel.Tenant;

/// Decides what the egress hears of tenants.
final class UpstreamTenants {
    private static final String KEY = "relay.upstream.tenant-key";
    private static final String SECRET = "relay.upstream.opaque-secret";

    private UpstreamTenants() {}

    static TenantWriter of(UpstreamProperties upstream, Optional<DevelopmentPki> development) {
        boolean hasKey = !upstream.tenantKey().isEmpty() || development.isPresent();
        var wanted = upstream.tenant();
        if (wanted == null) {
            wanted = hasKey ? ShownTenant.OPAQUE : ShownTenant.NONE;
        }
        if (wanted == ShownTenant.NONE) {
            return TenantWriter.NONE;
        }
        if (!hasKey) {
            throw new BadSettingException(
                    KEY,
                    "is empty although relay.upstream.tenant says what the egress hears of tenants",
                    "Set it to the key that the egress has in relay.egress.tenant-key, or set"
                            + " relay.upstream.tenant to none");
        }
        var random = new SecureRandom();
        return TenantWriter.sealing(
                key(upstream, development),
                shown(wanted, upstream, random),
                random,
                InstantSource.system());
    }

    private static TenantKey key(UpstreamProperties upstream, Optional<DevelopmentPki> pki) {
        if (!upstream.tenantKey().isEmpty()) {
            return new TenantKey(SecretBytes.parse(KEY, upstream.tenantKey(), TenantKey.LENGTH));
        }
        try {
            return new TenantKey(pki.orElseThrow().tenantKey());
        } catch (IOException | IllegalArgumentException e) {
            throw new BadSettingException(
                    KEY,
                    "is empty, and that of development cannot be used: " + e.getMessage(),
                    "Set it to the key that the egress has in relay.egress.tenant-key");
        }
    }

    /// Without a secret, names last no longer than this process and are of no other ingress.
    private static UnaryOperator<Tenant> shown(
            ShownTenant wanted, UpstreamProperties upstream, SecureRandom random) {
        if (wanted == ShownTenant.ID) {
            return UnaryOperator.identity();
        }
        byte[] secret;
        if (upstream.opaqueSecret().isEmpty()) {
            secret = new byte[OpaqueTenants.SECRET_LENGTH];
            random.nextBytes(secret);
        } else {
            secret =
                    SecretBytes.parse(SECRET, upstream.opaqueSecret(), OpaqueTenants.SECRET_LENGTH);
        }
        return new OpaqueTenants(secret, InstantSource.system());
    }
}

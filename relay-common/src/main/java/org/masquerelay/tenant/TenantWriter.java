package org.masquerelay.tenant;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;

/// The ingress's side of `Relay-Tenant`. Safe on any thread.
public interface TenantWriter {
    /// Says nothing of any tenant.
    TenantWriter NONE = (fields, _, _) -> fields;

    /// The fields of a request to the egress, with the tenant's where there is one. A request that
    /// is sent again gets a new one.
    HeaderFields write(HeaderFields fields, TunnelRequest request, Optional<Tenant> tenant);

    /// Seals what `shown` makes of a tenant.
    ///
    /// @param shown the tenant as the egress is to know it
    static TenantWriter sealing(
            TenantKey key, UnaryOperator<Tenant> shown, SecureRandom random, InstantSource clock) {
        return (fields, request, tenant) ->
                tenant.map(shown)
                        .map(one -> {
                            byte[] salt = new byte[TenantKey.SALT_LENGTH];
                            random.nextBytes(salt);
                            return TenantField.seal(
                                    key,
                                    salt,
                                    TenantField.associated(request),
                                    TenantField.minute(clock),
                                    one);
                        })
                        .map(value -> fields.with(TenantField.NAME, value))
                        .orElse(fields);
    }
}

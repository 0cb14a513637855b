package org.masquerelay.tenant;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelRequest;

/// The egress's side of `Relay-Tenant`. Safe on any thread.
public final class TenantReader {
    /// How far the clocks of two relays may be apart, together with the time a request takes.
    static final int TOLERANCE_MINUTES = 5;

    private final List<TenantKey> keys;
    private final InstantSource clock;

    /// What a request says of its tenant.
    public sealed interface Reading {
        /// Nothing.
        record Absent() implements Reading {}

        record Known(Tenant tenant) implements Reading {}

        /// Something that is not believed.
        record Rejected(TenantFault fault) implements Reading {}
    }

    /// @param keys all that are believed: while ingresses change to a new one, both
    public TenantReader(List<TenantKey> keys, InstantSource clock) {
        this.keys = List.copyOf(keys);
        this.clock = clock;
    }

    public Reading read(TunnelRequest request) {
        var values = request.head().fields().all(TenantField.NAME);
        if (values.isEmpty()) {
            return new Reading.Absent();
        }
        var sealed = values.size() == 1 ? TenantField.Sealed.parse(values.getFirst()) : null;
        if (sealed == null) {
            return new Reading.Rejected(TenantFault.MALFORMED);
        }
        return key(sealed)
                .map(key -> open(key, sealed, request))
                .orElseGet(() -> new Reading.Rejected(TenantFault.UNKNOWN_KEY));
    }

    private Optional<TenantKey> key(TenantField.Sealed sealed) {
        return keys.stream().filter(sealed::isMadeWith).findFirst();
    }

    private Reading open(TenantKey key, TenantField.Sealed sealed, TunnelRequest request) {
        try {
            var opened = sealed.open(key, TenantField.associated(request));
            if (Math.abs(TenantField.minute(clock) - opened.minute()) > TOLERANCE_MINUTES) {
                return new Reading.Rejected(TenantFault.EXPIRED);
            }
            return opened.tenant()
                    .<Reading>map(Reading.Known::new)
                    .orElseGet(() -> new Reading.Rejected(TenantFault.MALFORMED));
        } catch (AEADBadTagException _) {
            return new Reading.Rejected(TenantFault.FORGED);
        }
    }
}

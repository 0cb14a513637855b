package org.masquerelay.egress.access;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.masquerelay.http.ForwardingExchange;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.observe.Passed;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.ProxyStatusMember;

/// A request of which a line is written: when it is refused, when its client has left, or when its
/// tunnel is over. Confined to its event loop.
final class WatchedExchange extends ForwardingExchange {
    private final AccessSettings settings;
    private final InstantSource clock;
    private final AccessWriter writer;
    private final long asked;
    private Optional<Tenant> tenant = Optional.empty();
    private long opened;

    WatchedExchange(
            TunnelExchange exchange,
            AccessSettings settings,
            InstantSource clock,
            AccessWriter writer) {
        super(exchange);
        this.settings = settings;
        this.clock = clock;
        this.writer = writer;
        this.asked = now();
    }

    private long now() {
        return eventLoop().ticker().nanoTime();
    }

    @Override
    public void belongsTo(Tenant known) {
        tenant = Optional.of(known);
        super.belongsTo(known);
    }

    @Override
    public TunnelStream accept(HeaderFields fields) {
        opened = now();
        return super.accept(fields);
    }

    @Override
    public void refuse(Refusal refusal) {
        var fields = line("refused");
        fields.put("status", refusal.status());
        error(refusal).ifPresent(error -> fields.put("proxy_error", error));
        fields.put("reason", refusal.tag());
        fields.put("setup_ms", millis(now() - asked));
        write(fields);
        super.refuse(refusal);
    }

    private static Optional<String> error(Refusal refusal) {
        return switch (refusal) {
            case Refusal.Own own -> Optional.of(own.reason().proxyStatusError());
            case Refusal.Relayed relayed ->
                    relayed.prior().stream()
                            .map(ProxyStatusMember::error)
                            .flatMap(Optional::stream)
                            .findFirst();
        };
    }

    @Override
    public void abandon() {
        var fields = line("abandoned");
        fields.put("setup_ms", millis(now() - asked));
        write(fields);
        super.abandon();
    }

    @Override
    public void ended(Passed passed) {
        var fields = line("tunnel");
        fields.put("status", successStatus());
        fields.put("bytes_in", passed.bytesIn());
        fields.put("bytes_out", passed.bytesOut());
        if (request().kind().isDatagrams()) {
            fields.put("datagrams_in", passed.datagramsIn());
            fields.put("datagrams_out", passed.datagramsOut());
        }
        fields.put("setup_ms", millis(opened - asked));
        fields.put("duration_ms", millis(now() - opened));
        write(fields);
        super.ended(passed);
    }

    /// RFC 9298, section 3.3: over HTTP/1.1 a connection with a protocol is upgraded.
    private int successStatus() {
        boolean upgraded =
                request().peer().version() == HttpVersion.H1 && request().head().protocol() != null;
        return upgraded ? 101 : 200;
    }

    /// The time is told to the second: it is there to find a tunnel, not to match it with the log
    /// of somebody else.
    private Map<String, Object> line(String outcome) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("time", clock.instant().truncatedTo(ChronoUnit.SECONDS));
        fields.put("id", id());
        fields.put("protocol", request().kind().tag());
        fields.put("transport", request().peer().version().tag());
        fields.put("listener", request().peer().listener());
        fields.put("outcome", outcome);
        return fields;
    }

    private void write(Map<String, Object> fields) {
        if (settings.tenant()) {
            tenant.ifPresent(known -> fields.put("tenant", known.id()));
        } else {
            request().scope().ifPresent(target -> settings.target().describe(target, fields));
        }
        // Texts are made here: what they are made from stays with the loop.
        fields.replaceAll((_, value) -> value instanceof Number ? value : value.toString());
        writer.write(new AccessLine(fields));
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}

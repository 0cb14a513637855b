package org.masquerelay.boot.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.masquerelay.boot.qlog.Qlog;
import org.masquerelay.observe.ConnectionRefusal;
import org.masquerelay.observe.ConnectionTags;
import org.masquerelay.observe.ConnectionTrace;
import org.masquerelay.observe.LookupOutcome;
import org.masquerelay.observe.Losses;
import org.masquerelay.observe.PacketInterest;
import org.masquerelay.observe.QuicSample;
import org.masquerelay.observe.SourceExhaustion;
import org.masquerelay.observe.StrayAnswer;
import org.masquerelay.observe.Traffic;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tenant.TenantFault;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.TunnelKind;

/// Counts what the relay tells, in Micrometer.
///
/// Called from every event loop: all that happens per event is a lookup and an addition to a
/// striped counter. Bytes are not even looked up: the tunnels add to a [Traffic] that is read when
/// the meters are.
public final class TunnelMeters implements TunnelListener {
    private final MeterRegistry registry;
    private final @Nullable Qlog qlog;
    private final Map<TunnelTags, TaggedMeters> tagged = new ConcurrentHashMap<>();
    private final Map<TunnelTags, LossMeters> losses = new ConcurrentHashMap<>();
    private final Map<ConnectionTags, ConnectionMeters> connectionMeters =
            new ConcurrentHashMap<>();
    private final CapsuleMeters.Types capsuleTypes = new CapsuleMeters.Types();
    private final Map<ConnectionRefusal, Counter> refusedConnections =
            new EnumMap<>(ConnectionRefusal.class);
    private final Map<TenantFault, Counter> rejectedTenants = new EnumMap<>(TenantFault.class);
    private final Map<SourceExhaustion, Counter> exhaustedSources =
            new EnumMap<>(SourceExhaustion.class);
    private final Map<StrayAnswer, Counter> strayAnswers = new EnumMap<>(StrayAnswer.class);
    private final Counter freshMigrations;
    private final Counter staleMigrations;
    private final Map<LookupOutcome, Timer> lookups = new EnumMap<>(LookupOutcome.class);
    private final Map<QuicRole, LongAdder> connections = new EnumMap<>(QuicRole.class);
    private final LongAdder upstreamStreams = new LongAdder();

    /// All meters of these listeners are there from the start, with value 0.
    public TunnelMeters(MeterRegistry registry, Collection<String> listeners) {
        this(registry, listeners, null);
    }

    /// @param qlog what writes connections down, if anything does
    public TunnelMeters(MeterRegistry registry, Collection<String> listeners, @Nullable Qlog qlog) {
        this.registry = registry;
        this.qlog = qlog;
        if (qlog != null) {
            FunctionCounter.builder("qlog.events.dropped", qlog, Qlog::dropped)
                    .description("Events that were not written because too many waited")
                    .register(registry);
            FunctionCounter.builder("qlog.connections.skipped", qlog, Qlog::skipped)
                    .description("Connections not written down because too many were")
                    .register(registry);
        }
        for (var refusal : ConnectionRefusal.values()) {
            refusedConnections.put(
                    refusal,
                    Counter.builder("masque.connections.refused")
                            .description("TCP connections closed before they carried a request")
                            .tag("reason", refusal.tag())
                            .register(registry));
        }
        for (var fault : TenantFault.values()) {
            rejectedTenants.put(
                    fault,
                    Counter.builder("masque.tenant.rejected")
                            .description("Relay-Tenant fields that were not believed")
                            .tag("reason", fault.tag())
                            .register(registry));
        }
        for (var what : SourceExhaustion.values()) {
            exhaustedSources.put(
                    what,
                    Counter.builder("masque.source.exhausted")
                            .description("Sockets to targets that no source was left for")
                            .tag("reason", what.tag())
                            .register(registry));
        }
        for (var answer : StrayAnswer.values()) {
            strayAnswers.put(
                    answer,
                    Counter.builder("quic.strays.answered")
                            .description("QUIC packets of no connection, by how they were answered")
                            .tag("answer", answer.tag())
                            .register(registry));
        }
        freshMigrations = migrations(registry, "true");
        staleMigrations = migrations(registry, "false");
        for (var outcome : LookupOutcome.values()) {
            lookups.put(
                    outcome,
                    Timer.builder("masque.dns.lookups")
                            .description("Look-ups of the names of targets")
                            .tag("outcome", outcome.tag())
                            .register(registry));
        }
        for (var role : QuicRole.values()) {
            var active = new LongAdder();
            connections.put(role, active);
            Gauge.builder("quic.connections.active", active, LongAdder::sum)
                    .description("QUIC connections by the role of this relay")
                    .tag("role", role.name().toLowerCase(java.util.Locale.ROOT))
                    .register(registry);
        }
        Gauge.builder("quic.upstream.streams.active", upstreamStreams, LongAdder::sum)
                .description("Streams on pooled connections to the next hop")
                .register(registry);
        for (String listener : listeners) {
            for (var kind : TunnelKind.values()) {
                for (var version : HttpVersion.values()) {
                    var tags = new TunnelTags(kind, version, listener);
                    meters(tags);
                    losses(tags);
                }
            }
            for (var version : HttpVersion.values()) {
                meters(ConnectionTags.accepted(version, listener));
            }
        }
    }

    @Override
    public ConnectionTrace trace(QuicRole role) {
        return qlog == null ? ConnectionTrace.OFF : qlog.trace(role);
    }

    @Override
    public PacketInterest packetInterest() {
        return qlog == null ? PacketInterest.NONE : qlog.packetInterest();
    }

    private static Counter migrations(MeterRegistry registry, String fresh) {
        return Counter.builder("quic.migrations")
                .description(
                        "Changes of a client's address, by whether it took a new connection ID")
                .tag("fresh", fresh)
                .register(registry);
    }

    @Override
    public void strayAnswered(StrayAnswer answer) {
        var counter = strayAnswers.get(answer);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void migrated(boolean fresh) {
        (fresh ? freshMigrations : staleMigrations).increment();
    }

    @Override
    public Traffic opened(TunnelTags tags) {
        return meters(tags).opened();
    }

    @Override
    public void closed(TunnelTags tags, long nanosOpen) {
        meters(tags).closed(Duration.ofNanos(nanosOpen));
    }

    @Override
    public void refused(TunnelTags tags, Refusal refusal) {
        meters(tags).refused(refusal.tag());
    }

    @Override
    public Losses losses(TunnelTags tags) {
        var known = losses.get(tags);
        return known != null
                ? known
                : losses.computeIfAbsent(
                        tags,
                        unseen ->
                                new LossMeters(registry, TaggedMeters.tags(unseen), capsuleTypes));
    }

    @Override
    public void accepted(TunnelTags tags, long nanos) {
        meters(tags).accepted(nanos);
    }

    @Override
    public void handshaken(ConnectionTags tags, long nanos) {
        meters(tags).handshaken(nanos);
    }

    @Override
    public boolean wantsSamples() {
        return true;
    }

    @Override
    public void sampled(ConnectionTags tags, QuicSample sample) {
        meters(tags).sampled(sample);
    }

    @Override
    public void connectionRefused(ConnectionRefusal refusal) {
        var counter = refusedConnections.get(refusal);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void tenantRejected(TenantFault fault) {
        var counter = rejectedTenants.get(fault);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void sourceExhausted(SourceExhaustion what) {
        var counter = exhaustedSources.get(what);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void lookedUp(LookupOutcome outcome, long nanos) {
        var timer = lookups.get(outcome);
        if (timer != null) {
            timer.record(Duration.ofNanos(nanos));
        }
    }

    @Override
    public void connections(QuicRole role, int change) {
        var active = connections.get(role);
        if (active != null) {
            active.add(change);
        }
    }

    @Override
    public void upstreamStreams(int change) {
        upstreamStreams.add(change);
    }

    private ConnectionMeters meters(ConnectionTags tags) {
        var known = connectionMeters.get(tags);
        return known != null
                ? known
                : connectionMeters.computeIfAbsent(
                        tags, unseen -> new ConnectionMeters(registry, unseen));
    }

    private TaggedMeters meters(TunnelTags tags) {
        var known = tagged.get(tags);
        return known != null
                ? known
                : tagged.computeIfAbsent(tags, unseen -> new TaggedMeters(registry, unseen));
    }
}

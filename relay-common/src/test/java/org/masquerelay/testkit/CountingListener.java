package org.masquerelay.testkit;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.masquerelay.observe.ConnectionRefusal;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.LookupOutcome;
import org.masquerelay.observe.Losses;
import org.masquerelay.observe.SourceExhaustion;
import org.masquerelay.observe.Traffic;
import org.masquerelay.observe.TunnelListener;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.Refusal;

/// Counts what a relay under test tells. Safe for use by several threads.
public final class CountingListener implements TunnelListener, Losses {
    private final Map<DropReason, AtomicInteger> drops = new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger upstreamStreams = new AtomicInteger();
    private final Map<LookupOutcome, AtomicInteger> lookups = new ConcurrentHashMap<>();
    private final List<Refusal> refusals = new CopyOnWriteArrayList<>();
    private final List<Long> unknownCapsules = new CopyOnWriteArrayList<>();
    private final List<ConnectionRefusal> refusedConnections = new CopyOnWriteArrayList<>();
    private final List<Long> rejectedCapsules = new CopyOnWriteArrayList<>();
    private final List<SourceExhaustion> exhaustedSources = new CopyOnWriteArrayList<>();
    private final List<Long> nanosOpen = new CopyOnWriteArrayList<>();
    private final List<Boolean> migrations = new CopyOnWriteArrayList<>();
    private final Traffic traffic = new Traffic();

    @Override
    public Traffic opened(TunnelTags tags) {
        open.incrementAndGet();
        return traffic;
    }

    @Override
    public void closed(TunnelTags tags, long nanos) {
        nanosOpen.add(nanos);
        open.decrementAndGet();
    }

    @Override
    public void refused(TunnelTags tags, Refusal refusal) {
        refusals.add(refusal);
    }

    @Override
    public Losses losses(TunnelTags tags) {
        return this;
    }

    @Override
    public void dropped(DropReason reason) {
        drops.computeIfAbsent(reason, _ -> new AtomicInteger()).incrementAndGet();
    }

    @Override
    public void lookedUp(LookupOutcome outcome, long nanos) {
        lookups.computeIfAbsent(outcome, _ -> new AtomicInteger()).incrementAndGet();
    }

    /// How many names were looked up with this outcome.
    public int lookups(LookupOutcome outcome) {
        var count = lookups.get(outcome);
        return count == null ? 0 : count.get();
    }

    @Override
    public void unknownCapsule(long type) {
        unknownCapsules.add(type);
    }

    @Override
    public void sourceExhausted(SourceExhaustion what) {
        exhaustedSources.add(what);
    }

    @Override
    public void connections(QuicRole role, int change) {
        connections.addAndGet(change);
    }

    @Override
    public void upstreamStreams(int change) {
        upstreamStreams.addAndGet(change);
    }

    public int dropped() {
        return drops.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    public int drops(DropReason reason) {
        var count = drops.get(reason);
        return count == null ? 0 : count.get();
    }

    public List<SourceExhaustion> exhaustedSources() {
        return List.copyOf(exhaustedSources);
    }

    public int openTunnels() {
        return open.get();
    }

    public int openConnections() {
        return connections.get();
    }

    public List<Refusal> refusals() {
        return refusals;
    }

    @Override
    public void rejectedCapsule(long type) {
        rejectedCapsules.add(type);
    }

    @Override
    public void connectionRefused(ConnectionRefusal refusal) {
        refusedConnections.add(refusal);
    }

    public List<ConnectionRefusal> refusedConnections() {
        return refusedConnections;
    }

    public List<Long> rejectedCapsules() {
        return rejectedCapsules;
    }

    public List<Long> unknownCapsules() {
        return unknownCapsules;
    }

    /// How long each tunnel that has ended was open.
    public List<Long> nanosOpen() {
        return nanosOpen;
    }

    @Override
    public void migrated(boolean fresh) {
        migrations.add(fresh);
    }

    /// For each change of a client's address, whether it took a new connection ID.
    public List<Boolean> migrations() {
        return migrations;
    }

    public Traffic traffic() {
        return traffic;
    }
}

package org.masquerelay.ingress.fleet;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.masquerelay.ingress.directory.Egress;
import org.masquerelay.tunnel.Tenant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The egresses of this ingress: which there are, which are ejected, and which one the next tunnel
/// goes to.
///
/// Shared by the event loops. What they read is one immutable snapshot; it is replaced when the
/// directory changes, and when an egress fails or recovers, which tunnels that open and close in
/// order do not touch.
public final class Fleet {
    /// Egresses beyond these are left out.
    public static final int MAX_EGRESSES = 256;

    private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);

    /// How long nobody else tries an egress while a probe is out.
    private static final Duration PROBE = Duration.ofSeconds(30);

    /// How long an egress rests that does not say when to come back, and at most.
    private static final Duration REST = Duration.ofSeconds(1);

    private static final Duration MAX_REST = Duration.ofSeconds(5);

    /// A tenth more or less, so that ingresses do not try an egress all at once.
    private static final double JITTER = 0.1;

    private final FleetSettings settings;
    private final Ticker ticker;
    private final RandomGenerator random;
    private final AtomicReference<FleetState> state = new AtomicReference<>(FleetState.EMPTY);
    private final List<Runnable> observers = new CopyOnWriteArrayList<>();
    private final Map<RetryReason, LongAdder> retries = new EnumMap<>(RetryReason.class);
    private final Map<FailureCause, LongAdder> ejections = new EnumMap<>(FailureCause.class);

    /// @param random used by every event loop at once
    public Fleet(FleetSettings settings, Ticker ticker, RandomGenerator random) {
        this.settings = settings;
        this.ticker = ticker;
        this.random = random;
        for (var reason : RetryReason.values()) {
            retries.put(reason, new LongAdder());
        }
        for (var cause : FailureCause.values()) {
            ejections.put(cause, new LongAdder());
        }
    }

    public FleetSettings settings() {
        return settings;
    }

    /// What the directory says now. One call after the other.
    public void replace(List<Egress> egresses) {
        if (egresses.size() > MAX_EGRESSES) {
            LOG.warn("The directory has more than {} egresses; others are left out", MAX_EGRESSES);
        }
        var first = egresses.subList(0, Math.min(MAX_EGRESSES, egresses.size()));
        state.updateAndGet(before -> before.withEgresses(first, settings.ejection()));
        LOG.info("Egresses: {}", state.get().members().size());
        observers.forEach(Runnable::run);
    }

    /// `observer` runs whenever the directory has changed the fleet, on the thread of the
    /// directory.
    public void whenReplaced(Runnable observer) {
        observers.add(observer);
    }

    /// All egresses of the directory.
    public List<Member> members() {
        return state.get().members();
    }

    /// Whether new tunnels may go there.
    public boolean has(Member member) {
        return state.get().members().contains(member);
    }

    /// Whether it is ejected: new tunnels go elsewhere.
    public boolean isOut(Member member) {
        return state.get().of(member).isOut();
    }

    /// An egress for a tunnel of which nobody will tell how it went, without those in `not`.
    public Optional<Member> pick(Collection<Member> not) {
        var now = state.get();
        return new Choice(now, ticker.nanoTime(), random).among(without(now, not));
    }

    private static List<Member> without(FleetState now, Collection<Member> not) {
        return now.members().stream().filter(member -> !not.contains(member)).toList();
    }

    /// The egress for the next tunnel, without those in `tried`. Whoever gets one tells how it
    /// went, by [#answered], [#failed] or [#busy].
    public Optional<Member> choose(Optional<Tenant> tenant, Collection<Member> tried) {
        var now = state.get();
        var home =
                settings.sticky() == FleetSettings.Sticky.TENANT
                        ? tenant
                        : Optional.<Tenant>empty();
        var candidates = without(now, tried);
        if (home.isPresent()) {
            return atHome(home.get(), candidates);
        }
        for (var member : candidates) {
            if (isProbeDue(now.of(member)) && beginProbe(member)) {
                return Optional.of(member);
            }
        }
        return new Choice(now, ticker.nanoTime(), random).among(candidates);
    }

    private Optional<Member> atHome(Tenant tenant, List<Member> candidates) {
        var now = state.get();
        var ranked = Choice.ranked(tenant, candidates);
        for (var member : ranked) {
            var condition = now.of(member);
            if (now.isUp(member, ticker.nanoTime())
                    || (isProbeDue(condition) && beginProbe(member))) {
                return Optional.of(member);
            }
        }
        return ranked.stream().filter(member -> !now.of(member).isOut()).findFirst();
    }

    private boolean isProbeDue(Condition condition) {
        return switch (condition) {
            case Condition.Ejected(_, _, long until) -> until - ticker.nanoTime() <= 0;
            case Condition.Probing(_, _, long until) -> until - ticker.nanoTime() <= 0;
            case Condition.Up _, Condition.Resting _ -> false;
        };
    }

    /// Of many loops that see it due, one begins it.
    private boolean beginProbe(Member member) {
        var before = state.get();
        return switch (before.of(member)) {
            case Condition.Ejected(var cause, int times, long until)
                    when until - ticker.nanoTime() <= 0 ->
                    probe(before, member, cause, times);
            case Condition.Probing(var cause, int times, long until)
                    when until - ticker.nanoTime() <= 0 ->
                    probe(before, member, cause, times);
            default -> false;
        };
    }

    private boolean probe(FleetState before, Member member, FailureCause cause, int times) {
        long until = ticker.nanoTime() + PROBE.toNanos();
        return state.compareAndSet(
                before, before.with(member, new Condition.Probing(cause, times, until)));
    }

    /// Whether there is another one to try.
    public boolean hasOther(Collection<Member> tried) {
        var now = state.get();
        for (var member : now.members()) {
            if (!tried.contains(member)
                    && (!now.of(member).isOut() || isProbeDue(now.of(member)))) {
                return true;
            }
        }
        return false;
    }

    /// The egress has answered a request: with a tunnel, or with a refusal that is about the
    /// tunnel.
    public void answered(Member member) {
        if (state.get().of(member) instanceof Condition.Up(int failures, _, _, _)
                && failures == 0) {
            return;
        }
        state.updateAndGet(before -> before.with(member, recovered(before.of(member))));
    }

    /// A new connection to the egress is up: what it was ejected for, if it was connections, is
    /// over.
    public void connected(Member member) {
        if (isProbeOfConnections(state.get().of(member))) {
            state.updateAndGet(before ->
                    isProbeOfConnections(before.of(member))
                            ? before.with(member, recovered(before.of(member)))
                            : before);
        }
    }

    private static boolean isProbeOfConnections(Condition condition) {
        return condition instanceof Condition.Probing(var cause, _, _)
                && (cause == FailureCause.CONNECT || cause == FailureCause.LOST);
    }

    private Condition recovered(Condition condition) {
        return switch (condition) {
            case Condition.Up(_, int ejections, long since, _) ->
                    Condition.Up.well(ejections, since);
            case Condition.Resting(_, _, var before) ->
                    Condition.Up.well(before.ejections(), before.since());
            case Condition.Probing(_, int times, _) -> Condition.Up.well(times, ticker.nanoTime());
            // An answer that was on its way before it was ejected.
            case Condition.Ejected ejected -> ejected;
        };
    }

    /// It takes no tunnels now.
    ///
    /// @param rest what it says about when to come back, within bounds
    public void busy(Member member, RetryReason why, Optional<Duration> rest) {
        var said = rest.orElse(REST);
        var bounded = said.compareTo(MAX_REST) > 0 ? MAX_REST : said;
        long until = ticker.nanoTime() + bounded.toNanos();
        state.updateAndGet(before -> {
            var up = recovered(before.of(member));
            return up instanceof Condition.Up answered
                    ? before.with(member, new Condition.Resting(why, until, answered))
                    : before;
        });
    }

    /// Something was the egress's own fault, or that of the way there.
    public void failed(Member member, FailureCause cause) {
        double jitter = 1 + JITTER * (2 * random.nextDouble() - 1);
        long now = ticker.nanoTime();
        UnaryOperator<FleetState> failure =
                before -> before.failed(member, cause, now, jitter, settings.ejection());
        var before = state.getAndUpdate(failure);
        if (!before.isEjected(member) && failure.apply(before).isEjected(member)) {
            adder(ejections, cause).increment();
            LOG.warn("The egress {} is ejected ({})", member.name(), cause.tag());
        }
    }

    /// A tunnel is taken to another egress.
    public void retried(RetryReason reason) {
        adder(retries, reason).increment();
    }

    public LongAdder retries(RetryReason reason) {
        return adder(retries, reason);
    }

    public LongAdder ejections(FailureCause cause) {
        return adder(ejections, cause);
    }

    private static <K> LongAdder adder(Map<K, LongAdder> adders, K key) {
        var adder = adders.get(key);
        if (adder == null) {
            throw new IllegalStateException("no counter for " + key);
        }
        return adder;
    }

    /// How all egresses are doing, in the order of the directory.
    public List<Standing> standings() {
        var now = state.get();
        return now.members().stream()
                .map(member -> Standing.of(member, now.of(member), ticker.nanoTime()))
                .toList();
    }

    /// How long until an egress that is ejected is tried again; empty if none is.
    public Optional<Duration> nextTry() {
        return standings().stream()
                .filter(Standing::out)
                .map(Standing::left)
                .min(Duration::compareTo);
    }
}

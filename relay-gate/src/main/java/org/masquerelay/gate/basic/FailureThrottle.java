package org.masquerelay.gate.basic;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.masquerelay.token.ImmutableBytes;

/// How often an IPv4 address or an IPv6 /64 has failed lately.
///
/// An attempt counts as a failure when it begins and is taken back when it succeeds, so that no
/// number of attempts at the same time gets around the limit. Used by verifying threads and event
/// loops alike.
public final class FailureThrottle {
    /// Addresses remembered. More than can fail within a window, as each failure costs a
    /// verification.
    private static final int MAX_ADDRESSES = 16_384;

    private static final int IPV6_NETWORK = 8;

    private final int maxFailures;
    private final Duration window;
    private final InstantSource clock;
    private final ConcurrentHashMap<ImmutableBytes, Failures> failures = new ConcurrentHashMap<>();

    private record Failures(int count, Instant until) {}

    /// @param maxFailures failures of an address within `window` after its first; then it has to
    ///   wait until the window ends
    public FailureThrottle(int maxFailures, Duration window, InstantSource clock) {
        this.maxFailures = maxFailures;
        this.window = window;
        this.clock = clock;
    }

    /// Begins an attempt; instead, how long the client has to wait for the next.
    Optional<Duration> begin(Optional<InetAddress> client) {
        var network = network(client);
        var now = clock.instant();
        makeRoom(network, now);
        var after =
                failures.compute(
                        network,
                        (_, before) ->
                                before == null || !now.isBefore(before.until())
                                        ? new Failures(1, now.plus(window))
                                        : new Failures(
                                                Math.min(before.count(), maxFailures) + 1,
                                                before.until()));
        return after.count() > maxFailures
                ? Optional.of(Duration.between(now, after.until()).plusSeconds(1))
                : Optional.empty();
    }

    /// The attempt was no failure.
    void succeeded(Optional<InetAddress> client) {
        failures.computeIfPresent(
                network(client),
                (_, before) ->
                        before.count() <= 1
                                ? null
                                : new Failures(before.count() - 1, before.until()));
    }

    int addresses() {
        return failures.size();
    }

    private void makeRoom(ImmutableBytes network, Instant now) {
        if (failures.size() < MAX_ADDRESSES || failures.containsKey(network)) {
            return;
        }
        failures.values().removeIf(one -> !now.isBefore(one.until()));
        if (failures.size() >= MAX_ADDRESSES) {
            failures.keySet().stream().findAny().ifPresent(failures::remove);
        }
    }

    /// All that have no address share one.
    private static ImmutableBytes network(Optional<InetAddress> client) {
        return client.map(address ->
                        ImmutableBytes.copyOf(
                                address instanceof Inet6Address
                                        ? Arrays.copyOf(address.getAddress(), IPV6_NETWORK)
                                        : address.getAddress()))
                .orElse(ImmutableBytes.EMPTY);
    }
}

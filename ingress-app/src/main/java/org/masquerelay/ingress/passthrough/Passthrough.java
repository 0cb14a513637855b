package org.masquerelay.ingress.passthrough;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.gate.Admission;
import org.masquerelay.ingress.fleet.Fleet;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.transport.TargetDialer;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.HostPort;

/// Nested mode: clients talk HTTP/3 to an egress themselves, through a UDP tunnel of this ingress,
/// which sees neither their targets nor anything else of it.
///
/// What is dialled comes from the configuration alone: a request only chooses among the egresses
/// listed there, or those of the fleet. Shared by the event loops; what is shared is one semaphore.
public final class Passthrough {
    /// Names looked up at a time. A resolver that hangs holds up nested tunnels and nothing else.
    private static final int MAX_LOOKUPS = 64;

    private final PassthroughSettings settings;
    private final Fleet fleet;
    private final TargetDialer sockets;
    private final Semaphore lookups = new Semaphore(MAX_LOOKUPS);

    /// How dialling ended.
    public sealed interface Outcome {
        record Connected(TunnelStream egress) implements Outcome {}

        record Failed(Refusal refusal) implements Outcome {}
    }

    public Passthrough(PassthroughSettings settings, Fleet fleet, TargetDialer sockets) {
        this.settings = settings;
        this.fleet = fleet;
        this.sockets = sockets;
    }

    /// The configured egress that the request asks for, if it is a UDP tunnel to one. Names and
    /// addresses are in one form, so equal ones are equal.
    public Optional<HostPort> egress(TunnelRequest request) {
        return request.kind() == TunnelKind.UDP
                ? request.scope().filter(this::isEgress)
                : Optional.empty();
    }

    private boolean isEgress(HostPort target) {
        return settings.egresses().contains(target)
                || (settings.fleet()
                        && fleet.members().stream()
                                .anyMatch(member -> member.egress().authority().equals(target)));
    }

    /// Whether this ingress opens no other tunnels.
    public boolean isOnly() {
        return settings.only();
    }

    public Duration idleTime() {
        return settings.idleTime();
    }

    /// Dials a configured egress for an admitted tunnel on `loop`, and calls `then` there exactly
    /// once.
    ///
    /// @param egress what [#egress] said of the request, even if the fleet has changed since
    public void dial(HostPort egress, Admission admission, EventLoop loop, Consumer<Outcome> then) {
        var tags = TunnelTags.of(admission.request());
        var known = settings.fleet() ? known(egress) : Optional.<InetSocketAddress>empty();
        if (known.isPresent()) {
            connect(known.get(), loop, tags, then);
            return;
        }
        var literal = egress.literal();
        if (literal.isPresent()) {
            connect(new InetSocketAddress(literal.get(), egress.port()), loop, tags, then);
        } else if (lookups.tryAcquire()) {
            lookUp(egress, loop, tags, then);
        } else {
            then.accept(failed(RefusalReason.OVERLOADED, "too many names are being looked up"));
        }
    }

    /// Where the directory says that one of this origin is, if it says so.
    private Optional<InetSocketAddress> known(HostPort origin) {
        var others =
                fleet.members().stream()
                        .filter(member -> !member.egress().authority().equals(origin))
                        .toList();
        return fleet.pick(others).flatMap(member -> member.egress().address());
    }

    private void lookUp(HostPort egress, EventLoop loop, TunnelTags tags, Consumer<Outcome> then) {
        var timeout =
                loop.schedule(
                        () -> then.accept(unreachable()),
                        settings.lookupTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
        Thread.ofVirtual()
                .name("relay-egress-name")
                .start(() -> {
                    try {
                        var address = address(egress);
                        loop.execute(() -> {
                            if (timeout.cancel(false)) {
                                connect(address, loop, tags, then);
                            }
                        });
                    } finally {
                        lookups.release();
                    }
                });
    }

    private static @Nullable InetSocketAddress address(HostPort egress) {
        try {
            var all = InetAddress.getAllByName(egress.host());
            int one = ThreadLocalRandom.current().nextInt(all.length);
            return new InetSocketAddress(all[one], egress.port());
        } catch (UnknownHostException | RuntimeException _) {
            return null;
        }
    }

    private void connect(
            @Nullable InetSocketAddress address,
            EventLoop loop,
            TunnelTags tags,
            Consumer<Outcome> then) {
        if (address == null) {
            then.accept(unreachable());
            return;
        }
        sockets.udpToRelay(loop, address, tags)
                .addListener((Future<TunnelStream> done) ->
                        then.accept(
                                done.isSuccess()
                                        ? new Outcome.Connected(done.getNow())
                                        : unreachable()));
    }

    private static Outcome unreachable() {
        return failed(RefusalReason.UPSTREAM_UNREACHABLE, "the egress cannot be reached");
    }

    private static Outcome failed(RefusalReason reason, String details) {
        return new Outcome.Failed(reason.because(details));
    }
}

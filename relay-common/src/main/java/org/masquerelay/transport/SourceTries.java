package org.masquerelay.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.SourceExhaustion;
import org.masquerelay.observe.TunnelListener;

/// Opens one socket, trying sources until one is free and rested. Confined to an event loop.
final class SourceTries {
    /// Of so many sources drawn at random one is fit in 99 cases of 100 where three of four are
    /// taken. Most tries cost a socket, on the event loop that all its tunnels share.
    private static final int MAX_TRIES = 16;

    private final LocalEnd end;
    private final Predicate<InetSocketAddress> resting;
    private final Opening opening;
    private final RandomGenerator random;
    private final TunnelListener listener;
    private final Promise<Channel> opened;
    private final int start;
    private @Nullable ChannelFuture trying;

    /// Opens the socket.
    interface Opening {
        /// @param local where to bind it; null leaves that to the system
        ChannelFuture open(SourceAddress source, @Nullable InetSocketAddress local);
    }

    /// @param resting whether a source has to be left alone
    /// @param random draws ports where the kernel cannot
    SourceTries(
            EventLoop loop,
            LocalEnd end,
            Predicate<InetSocketAddress> resting,
            Opening opening,
            RandomGenerator random,
            TunnelListener listener) {
        this.end = end;
        this.resting = resting;
        this.opening = opening;
        this.random = random;
        this.listener = listener;
        this.opened = loop.newPromise();
        this.start = random.nextInt(MAX_TRIES);
    }

    /// Fails with a [SourceExhaustedException] when this machine is the reason, and with an
    /// [IllegalStateException] when no source is given. Cancelling it leaves no socket.
    Future<Channel> open() {
        attempt(MAX_TRIES);
        opened.addListener(_ -> {
            if (opened.isCancelled() && trying != null) {
                trying.channel().close();
            }
        });
        return opened;
    }

    private void attempt(int left) {
        var source = nextSource();
        if (source != null) {
            attempt(source, left);
        }
    }

    /// Null once it has failed.
    private @Nullable SourceAddress nextSource() {
        try {
            return Objects.requireNonNull(end.source().get());
        } catch (RuntimeException failure) { // Of an application's bean.
            opened.setFailure(new IllegalStateException("source: none is given", failure));
            return null;
        }
    }

    private void attempt(SourceAddress source, int left) {
        int port = chosenPort(source, left);
        var local = SourceOptions.local(source, port);
        if (port != 0 && source.address().isPresent() && local != null && resting.test(local)) {
            again(left, new SourceExhaustedException(SourceExhaustion.RESTING));
            return;
        }
        var socket = opening.open(source, local);
        trying = socket;
        socket.addListener(done -> {
            if (opened.isDone()) {
                socket.channel().close();
            } else if (!done.isSuccess()) {
                failed(done.cause(), source, port, left);
            } else if (resting.test((InetSocketAddress) socket.channel().localAddress())) {
                socket.channel().close();
                again(left, new SourceExhaustedException(SourceExhaustion.RESTING));
            } else {
                opened.setSuccess(socket.channel());
            }
        });
    }

    /// One after the other where all can be tried, and otherwise one at random.
    private int chosenPort(SourceAddress source, int left) {
        return source.ports()
                .filter(ports -> !SystemPorts.canNarrowTo(ports))
                .map(ports ->
                        ports.first()
                                + (ports.count() <= MAX_TRIES
                                        ? (start + left) % ports.count()
                                        : random.nextInt(ports.count())))
                .orElse(0);
    }

    private void failed(Throwable cause, SourceAddress source, int port, int left) {
        var exhausted = SourceExhaustedException.of(cause, source);
        if (exhausted.isEmpty()) {
            opened.setFailure(cause);
            return;
        }
        var next = nextSource();
        if (next == null) {
            return;
        }
        // The kernel has looked at all ports of the address already.
        boolean same = port == 0 && next.address().equals(source.address());
        if (same || exhausted.get().what() == SourceExhaustion.DESCRIPTORS || left <= 1) {
            giveUp(exhausted.get());
        } else {
            attempt(next, left - 1);
        }
    }

    private void again(int left, SourceExhaustedException reason) {
        if (left <= 1) {
            giveUp(reason);
        } else {
            attempt(left - 1);
        }
    }

    private void giveUp(SourceExhaustedException reason) {
        listener.sourceExhausted(reason.what());
        opened.setFailure(reason);
    }
}

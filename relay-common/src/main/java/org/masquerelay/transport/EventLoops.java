package org.masquerelay.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// The threads that carry tunnels: one event loop per core, each owning its tunnels end to end.
///
/// Epoll where the machine has it; NIO elsewhere, which cannot share a listening port between
/// loops.
public final class EventLoops implements AutoCloseable {
    private static final boolean EPOLL = Epoll.isAvailable();

    private final EventLoopGroup group;
    private final List<EventLoop> loops;
    private final IdentityHashMap<EventLoop, EndOfTurn> turns = new IdentityHashMap<>();
    private final IdentityHashMap<EventLoop, QuicSampler> samplers = new IdentityHashMap<>();

    private EventLoops(EventLoopGroup group) {
        this.group = group;
        var all = new ArrayList<EventLoop>();
        for (EventExecutor executor : group) {
            var loop = (EventLoop) executor;
            all.add(loop);
            turns.put(loop, new EndOfTurn(loop));
            samplers.put(loop, new QuicSampler(loop));
        }
        this.loops = List.copyOf(all);
    }

    /// Starts `count` loops; 0 stands for one per processor.
    public static EventLoops start(int count) {
        int processors = Runtime.getRuntime().availableProcessors();
        int threads = EPOLL ? (count == 0 ? processors : count) : 1;
        IoHandlerFactory io = EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        return new EventLoops(new Group(threads, io));
    }

    private static final class Group extends MultiThreadIoEventLoopGroup {
        Group(int threads, IoHandlerFactory io) {
            super(threads, new DefaultThreadFactory("relay-loop", true), io);
        }

        @Override
        protected IoEventLoop newChild(
                Executor executor, IoHandlerFactory io, Object... arguments) {
            return new Loop(this, executor, io);
        }
    }

    /// Closes its channels before it ends. Netty looks whether to close them once per turn: a loop
    /// that is told to stop while it runs the tasks of that turn would end without, and leave
    /// sockets open and the memory of TLS behind.
    private static final class Loop extends SingleThreadIoEventLoop {
        Loop(IoEventLoopGroup group, Executor executor, IoHandlerFactory io) {
            super(group, executor, io);
        }

        @Override
        protected boolean confirmShutdown() {
            if (!super.confirmShutdown()) {
                return false;
            }
            ioHandler().prepareToDestroy();
            return super.confirmShutdown(); // Runs what the closing has queued.
        }
    }

    public List<EventLoop> all() {
        return loops;
    }

    /// The end of the turns of `loop`, which is one of these.
    public EndOfTurn endOfTurn(EventLoop loop) {
        var turn = turns.get(loop);
        if (turn == null) {
            throw new IllegalStateException("loop: " + loop + " (expected: one of this relay's)");
        }
        return turn;
    }

    /// What looks at the QUIC connections of `loop`, which is one of these.
    public QuicSampler sampler(EventLoop loop) {
        var sampler = samplers.get(loop);
        if (sampler == null) {
            throw new IllegalStateException("loop: " + loop + " (expected: one of this relay's)");
        }
        return sampler;
    }

    static boolean usesEpoll() {
        return EPOLL;
    }

    /// The UDP sockets these loops can drive.
    public static Class<? extends DatagramChannel> datagramChannel() {
        return EPOLL ? EpollDatagramChannel.class : NioDatagramChannel.class;
    }

    /// A UDP socket for addresses of one family, which these loops can drive.
    static DatagramChannel newDatagramChannel(SocketProtocolFamily family) {
        return EPOLL ? new EpollDatagramChannel(family) : new NioDatagramChannel(family);
    }

    /// The TCP sockets these loops can drive.
    public static Class<? extends SocketChannel> socketChannel() {
        return EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /// The listening TCP sockets these loops can drive.
    static Class<? extends ServerSocketChannel> serverSocketChannel() {
        return EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /// Stops the loops; whatever still runs on them is closed.
    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}

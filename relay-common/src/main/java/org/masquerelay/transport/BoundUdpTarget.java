package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.bind.BindCapsules;
import org.masquerelay.bind.BindContexts;
import org.masquerelay.bind.KnownPeers;
import org.masquerelay.bind.PeerPolicy;
import org.masquerelay.capsule.HttpDatagram;
import org.masquerelay.observe.DropReason;
import org.masquerelay.observe.Losses;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.tunnel.StreamEnd;
import org.masquerelay.tunnel.TunnelSink;
import org.masquerelay.tunnel.TunnelStream;
import org.masquerelay.wire.Varint;

/// The sockets of a bind tunnel, at most one per address family, and the proxy's part in its
/// contexts (draft-ietf-masque-connect-udp-listen).
///
/// A capsule or a datagram that breaks the rules ends the tunnel, see [TunnelSink#violated].
/// Confined to the event loop of its sockets.
public final class BoundUdpTarget
        implements TunnelStream, BoundSocket.Receiver, BindCapsules.Tunnel, EndOfTurn.Task {
    /// Bytes left free before what is received, for a context ID and whatever carries it on.
    private static final int HEADROOM = 16;

    private static final byte[] NO_FIELD = {};

    private final ByteBufAllocator allocator;
    private final EndOfTurn endOfTurn;
    private final Losses losses;
    private final BoundTargets targets;
    private final BindContexts contexts;
    private final KnownPeers known;
    private final BindCapsules capsules;
    private Object edition;
    private final List<BoundSocket> sockets = new ArrayList<>(2);
    private @Nullable TunnelSink sink;
    private @Nullable ResetCause violation;
    private boolean queued;
    private boolean reset;
    private boolean gone;

    BoundUdpTarget(
            BoundTargets targets, ByteBufAllocator allocator, EndOfTurn endOfTurn, Losses losses) {
        this.targets = targets;
        this.allocator = allocator;
        this.endOfTurn = endOfTurn;
        this.losses = losses;
        this.contexts = new BindContexts(this::isReachable, targets.maxContexts());
        this.known = new KnownPeers(new Reachable());
        this.edition = targets.peers().edition();
        this.capsules = new BindCapsules(contexts, allocator, this);
    }

    void add(BoundSocket socket) {
        sockets.add(socket);
    }

    /// Where peers reach the tunnel, as this machine sees it: the same for its whole life.
    public List<InetSocketAddress> addresses() {
        return sockets.stream().map(BoundSocket::address).toList();
    }

    /// What the policy allows and the sockets can do.
    private final class Reachable implements PeerPolicy {
        @Override
        public boolean allows(InetSocketAddress peer) {
            return isReachable(peer);
        }

        @Override
        public Object edition() {
            return targets.peers().edition();
        }
    }

    /// Ends the compressed contexts that a new edition of the policy does not allow.
    @SuppressWarnings("ReferenceEquality") // A new edition is a new object.
    private void followPolicy() {
        var now = targets.peers().edition();
        if (now != edition) {
            edition = now;
            capsules.closed(contexts.closeProhibited());
        }
    }

    private boolean isReachable(InetSocketAddress peer) {
        return peer.getPort() != 0
                && !isMapped(peer.getAddress())
                && socketFor(peer.getAddress()) != null
                && targets.peers().allows(peer);
    }

    // The IPv4 address inside has a form of its own, which is the one that checks look at.
    private static boolean isMapped(InetAddress address) {
        try {
            return address instanceof Inet6Address
                    && InetAddress.getByAddress(address.getAddress()) instanceof Inet4Address;
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address: of no known length", e);
        }
    }

    private @Nullable BoundSocket socketFor(InetAddress peer) {
        for (var socket : sockets) {
            if (socket.canReach(peer)) {
                return socket;
            }
        }
        return null;
    }

    @Override
    public void attach(TunnelSink to) {
        sink = to;
        if (violation != null) {
            to.violated(violation);
        }
        if (gone) {
            to.closed(StreamEnd.RESET);
        } else if (violation == null) {
            capsules.resume();
            sockets.forEach(BoundSocket::startReading);
        }
    }

    /// A UDP payload of context 0, for the one target of a scoped bind.
    @Override
    public void write(ByteBuf payload) {
        var scope = targets.scope();
        if (scope.isPresent()) {
            send(payload, scope.get());
        } else {
            payload.release();
            // Section 3: without a target, context 0 means nothing.
            violate(ResetCause.DATAGRAM_ERROR);
        }
    }

    @Override
    public void writeDatagram(ByteBuf datagram) {
        followPolicy();
        long context = Varint.tryRead(datagram);
        if (contexts.isUncompressed(context)) {
            sendUncompressed(datagram);
            return;
        }
        var peer = contexts.peer(context);
        if (peer == null) {
            // Section 3.3: it may have crossed a COMPRESSION_CLOSE.
            drop(datagram, DropReason.UNKNOWN_CONTEXT);
        } else {
            send(datagram, peer);
        }
    }

    private void sendUncompressed(ByteBuf datagram) {
        var peer = known.tryRead(datagram);
        if (peer == null) {
            drop(datagram, DropReason.MALFORMED);
        } else if (peer.isAllowed()) {
            send(datagram, peer.address());
        } else {
            drop(datagram, DropReason.PROHIBITED_PEER);
        }
    }

    private void send(ByteBuf payload, InetSocketAddress to) {
        var socket = socketFor(to.getAddress());
        if (socket == null) {
            drop(payload, DropReason.PROHIBITED_PEER);
            return;
        }
        socket.send(payload, to);
        if (!queued) {
            queued = true;
            endOfTurn.add(this);
        }
    }

    private void drop(ByteBuf datagram, DropReason reason) {
        datagram.release();
        losses.dropped(reason);
    }

    @Override
    public void endOfTurn() {
        queued = false;
        sockets.forEach(BoundSocket::flush);
    }

    @Override
    public void received(ByteBuf payload, InetSocketAddress from) {
        followPolicy();
        var to = sink;
        long context = contexts.compressed(from);
        if (to == null) {
            payload.release();
        } else if (context != HttpDatagram.UDP_CONTEXT) {
            to.datagram(framed(context, NO_FIELD, payload));
        } else if (isScope(from)) {
            to.received(payload);
        } else if (!contexts.hasUncompressed()) {
            drop(payload, DropReason.NO_CONTEXT);
        } else {
            var peer = known.of(from);
            if (peer.isAllowed()) {
                to.datagram(framed(contexts.uncompressed(), peer.field(), payload));
            } else {
                drop(payload, DropReason.PROHIBITED_PEER);
            }
        }
    }

    private boolean isScope(InetSocketAddress from) {
        return targets.scope().isPresent() && targets.scope().get().equals(from);
    }

    private ByteBuf framed(long context, byte[] field, ByteBuf payload) {
        int length = Varint.length(context) + field.length + payload.readableBytes();
        var datagram = allocator.directBuffer(HEADROOM + length);
        datagram.setIndex(HEADROOM, HEADROOM);
        Varint.write(datagram, context);
        datagram.writeBytes(field).writeBytes(payload);
        payload.release();
        return datagram;
    }

    @Override
    public void writeCapsule(ByteBuf part, boolean last) {
        capsules.read(part);
    }

    @Override
    public void answer(ByteBuf answers) {
        if (sink == null) {
            answers.release();
        } else {
            sink.capsule(answers, true);
        }
    }

    @Override
    public void violate(ResetCause cause) {
        if (violation == null && !reset) {
            violation = cause;
            if (sink != null) {
                sink.violated(cause);
            }
            reset(cause);
        }
    }

    /// Capsules can be told to wait; datagrams cannot.
    @Override
    public void pause() {
        capsules.pause();
    }

    @Override
    public void resume() {
        capsules.resume();
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void finish() {
        sockets.forEach(BoundSocket::flush);
        sockets.forEach(BoundSocket::close);
    }

    @Override
    public void reset(ResetCause cause) {
        reset = true;
        sockets.forEach(BoundSocket::close);
    }

    /// Without one of its addresses the tunnel is not what the client was told: it ends.
    @Override
    public void socketClosed() {
        if (gone) {
            return;
        }
        gone = true;
        sockets.forEach(BoundSocket::close);
        capsules.close();
        if (sink != null) {
            sink.closed(reset ? StreamEnd.RESET : StreamEnd.FINISHED);
        }
    }
}

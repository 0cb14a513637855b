package org.masquerelay.bind;

import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.masquerelay.bind.BindCapsule.Ack;
import org.masquerelay.bind.BindCapsule.AssignPeer;
import org.masquerelay.bind.BindCapsule.AssignUncompressed;
import org.masquerelay.bind.BindCapsule.Close;
import org.masquerelay.capsule.HttpDatagram;
import org.masquerelay.wire.WireFormatException;

/// The contexts of one bind tunnel, as its proxy keeps them (draft-ietf-masque-connect-udp-listen,
/// section 3).
///
/// Only the client opens contexts. So the proxy has none that it could go on opening once the
/// uncompressed one is closed, none that crosses a client's context for the same peer, and an ACK
/// is always wrong. Confined to the event loop of its tunnel.
public final class BindContexts {
    /// Clients allocate even IDs, and 0 has its meaning from RFC 9298, section 4.
    private static final long FIRST_CLIENT_ID = 2;

    private final Predicate<InetSocketAddress> allowed;
    private final int maxContexts;
    private final LongObjectMap<InetSocketAddress> peers = new LongObjectHashMap<>();
    private final Map<InetSocketAddress, Long> ids = new HashMap<>();
    private final UsedIds used = new UsedIds(FIRST_CLIENT_ID);
    private long uncompressed;

    /// @param allowed which peers a context may be opened for
    /// @param maxContexts open at a time, the uncompressed one included
    public BindContexts(Predicate<InetSocketAddress> allowed, int maxContexts) {
        this.allowed = allowed;
        this.maxContexts = maxContexts;
    }

    /// Ends the contexts of peers that may not be reached any more; their IDs.
    public List<Long> closeProhibited() {
        var closed = new ArrayList<Long>();
        ids.forEach((peer, id) -> {
            if (!allowed.test(peer)) {
                closed.add(id);
            }
        });
        for (var id : closed) {
            ids.remove(peers.remove(id.longValue()));
        }
        return closed;
    }

    /// Does what a capsule of the client says. The answer, if there is one, is sent back.
    ///
    /// @throws WireFormatException if the capsule is malformed, which ends the tunnel (RFC 9297,
    ///   section 3.3)
    public Optional<BindCapsule> receive(BindCapsule capsule) throws WireFormatException {
        return switch (capsule) {
            case AssignUncompressed(long id) -> Optional.of(openUncompressed(id));
            case AssignPeer(long id, var peer) -> Optional.of(open(id, peer));
            case Ack _ ->
                    throw new WireFormatException("COMPRESSION_ACK for a context never assigned");
            case Close(long id) -> {
                close(id);
                yield Optional.empty();
            }
        };
    }

    private BindCapsule openUncompressed(long id) throws WireFormatException {
        boolean certain = claim(id);
        if (uncompressed != HttpDatagram.UDP_CONTEXT) {
            throw new WireFormatException("a second uncompressed context");
        }
        if (!certain || isFull()) {
            return new Close(id);
        }
        uncompressed = id;
        return new Ack(id);
    }

    private BindCapsule open(long id, InetSocketAddress peer) throws WireFormatException {
        boolean certain = claim(id);
        if (ids.containsKey(peer)) {
            throw new WireFormatException("a second context for one peer");
        }
        if (!certain || isFull() || !allowed.test(peer)) {
            return new Close(id);
        }
        peers.put(id, peer);
        ids.put(peer, id);
        return new Ack(id);
    }

    /// Whether `id` was certainly never assigned before; if nobody can tell, it is rejected.
    private boolean claim(long id) throws WireFormatException {
        if (id < FIRST_CLIENT_ID || (id & 1) != 0) {
            throw new WireFormatException("a context ID that no client allocates");
        }
        return switch (used.claim(id)) {
            case FRESH -> true;
            case UNCERTAIN -> false;
            case REPEATED -> throw new WireFormatException("a context ID assigned twice");
        };
    }

    private boolean isFull() {
        return count() >= maxContexts;
    }

    private void close(long id) throws WireFormatException {
        if (id == HttpDatagram.UDP_CONTEXT) {
            throw new WireFormatException("COMPRESSION_CLOSE for context 0");
        }
        if (id == uncompressed) {
            uncompressed = HttpDatagram.UDP_CONTEXT;
            return;
        }
        @Nullable InetSocketAddress peer = peers.remove(id);
        if (peer != null) {
            ids.remove(peer);
        }
        // Otherwise it was rejected or closed before, and the two capsules crossed.
    }

    /// Whether `id` is the open uncompressed context.
    public boolean isUncompressed(long id) {
        return id == uncompressed && hasUncompressed();
    }

    public boolean hasUncompressed() {
        return uncompressed != HttpDatagram.UDP_CONTEXT;
    }

    /// The ID of the uncompressed context, while [#hasUncompressed()].
    public long uncompressed() {
        return uncompressed;
    }

    /// The peer of the open compressed context `id`.
    public @Nullable InetSocketAddress peer(long id) {
        return peers.get(id);
    }

    /// The ID of the open compressed context of `peer`, or 0 if it has none.
    public long compressed(InetSocketAddress peer) {
        var id = ids.get(peer);
        return id == null ? HttpDatagram.UDP_CONTEXT : id;
    }

    /// How many contexts are open.
    public int count() {
        return peers.size() + (hasUncompressed() ? 1 : 0);
    }
}

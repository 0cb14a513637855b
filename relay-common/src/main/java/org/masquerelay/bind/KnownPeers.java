package org.masquerelay.bind;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The peers of an uncompressed context, between the wire and the socket.
///
/// The policy says anew of every datagram whether its peer may be reached. Its answer stays the
/// same for one [edition][PeerPolicy#edition], so that it, the address and its bytes are kept for
/// peers that were met lately, and a datagram to or from one of them leaves no garbage. Confined to
/// the event loop of its tunnel.
public final class KnownPeers {
    /// Peers remembered; the low bits of the port say where.
    private static final int SLOTS = 16;

    private final PeerPolicy policy;
    private final @Nullable Known[] slots = new Known[SLOTS];
    private Object edition;

    /// A peer met before.
    ///
    /// @param field IP version, address and port as on the wire
    /// @param isAllowed whether datagrams may go there and come from there
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record Known(InetSocketAddress address, byte[] field, boolean isAllowed) {
        private boolean isAt(ByteBuf in) {
            int start = in.readerIndex();
            for (int i = 0; i < field.length; i++) {
                if (in.getByte(start + i) != field[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    public KnownPeers(PeerPolicy policy) {
        this.policy = policy;
        this.edition = policy.edition();
    }

    /// The peer named at the reader index, which moves behind it; null if none is named there. The
    /// buffer is borrowed.
    public @Nullable Known tryRead(ByteBuf in) {
        int length = PeerField.tryLength(in);
        if (length < 0) {
            return null;
        }
        forgetOldAnswers();
        int slot = slot(in.getUnsignedShort(in.readerIndex() + length - 2));
        var known = slots[slot];
        if (known != null && known.field().length == length && known.isAt(in)) {
            in.skipBytes(length);
            return known;
        }
        var address = PeerField.tryRead(in);
        return address == null ? null : remember(slot, address);
    }

    /// What is known of a peer that a packet came from.
    public Known of(InetSocketAddress address) {
        forgetOldAnswers();
        int slot = slot(address.getPort());
        var known = slots[slot];
        return known != null && known.address().equals(address) ? known : remember(slot, address);
    }

    @SuppressWarnings("ReferenceEquality") // A new edition is a new object.
    private void forgetOldAnswers() {
        var now = policy.edition();
        if (now != edition) {
            edition = now;
            Arrays.fill(slots, null);
        }
    }

    private Known remember(int slot, InetSocketAddress address) {
        var known = new Known(address, PeerField.encode(address), policy.allows(address));
        slots[slot] = known;
        return known;
    }

    private static int slot(int port) {
        return port & (SLOTS - 1);
    }
}

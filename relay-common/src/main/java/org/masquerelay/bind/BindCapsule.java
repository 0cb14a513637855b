package org.masquerelay.bind;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import org.masquerelay.capsule.CapsuleType;
import org.masquerelay.wire.Varint;
import org.masquerelay.wire.WireFormatException;

/// A capsule that opens, confirms or ends a context of a bind tunnel
/// (draft-ietf-masque-connect-udp-listen, section 3).
public sealed interface BindCapsule {
    /// The longest value, in bytes: a context ID of eight and a peer.
    int MAX_VALUE = 8 + PeerField.MAX_LENGTH;

    /// The longest capsule that [#write] makes, in bytes.
    int MAX_LENGTH = 2 + MAX_VALUE;

    long contextId();

    /// COMPRESSION_ASSIGN with IP version 0: datagrams of this context name their peer themselves.
    record AssignUncompressed(long contextId) implements BindCapsule {}

    /// COMPRESSION_ASSIGN: datagrams of this context go to and come from this peer.
    record AssignPeer(long contextId, InetSocketAddress peer) implements BindCapsule {}

    /// COMPRESSION_ACK.
    record Ack(long contextId) implements BindCapsule {}

    /// COMPRESSION_CLOSE.
    record Close(long contextId) implements BindCapsule {}

    /// Whether capsules of this type belong here.
    static boolean isType(long type) {
        return type >= CapsuleType.COMPRESSION_ASSIGN && type <= CapsuleType.COMPRESSION_CLOSE;
    }

    /// Reads the value of a capsule of such a [type][#isType]; it is borrowed. Longer varints than
    /// needed are accepted.
    ///
    /// @throws WireFormatException if the value is not exactly what its type asks for
    static BindCapsule parse(long type, ByteBuf value) throws WireFormatException {
        long contextId = Varint.tryRead(value);
        if (contextId < 0) {
            throw new WireFormatException("the capsule ends within its context ID");
        }
        BindCapsule capsule;
        if (type == CapsuleType.COMPRESSION_ASSIGN) {
            capsule = parseAssign(contextId, value);
        } else {
            capsule =
                    type == CapsuleType.COMPRESSION_ACK ? new Ack(contextId) : new Close(contextId);
        }
        if (value.isReadable()) {
            throw new WireFormatException("the capsule goes on behind its last field");
        }
        return capsule;
    }

    private static BindCapsule parseAssign(long contextId, ByteBuf value)
            throws WireFormatException {
        if (value.isReadable() && value.getByte(value.readerIndex()) == 0) {
            value.skipBytes(1);
            return new AssignUncompressed(contextId);
        }
        var peer = PeerField.tryRead(value);
        if (peer == null) {
            throw new WireFormatException("the IP version is unknown, or the capsule is cut short");
        }
        return new AssignPeer(contextId, peer);
    }

    /// Writes the capsule with its header.
    default void write(ByteBuf out) {
        int idLength = Varint.length(contextId());
        switch (this) {
            case AssignUncompressed(long id) -> {
                writeHeader(out, CapsuleType.COMPRESSION_ASSIGN, idLength + 1);
                Varint.write(out, id);
                out.writeByte(0);
            }
            case AssignPeer(long id, var peer) -> {
                var field = PeerField.encode(peer);
                writeHeader(out, CapsuleType.COMPRESSION_ASSIGN, idLength + field.length);
                Varint.write(out, id);
                out.writeBytes(field);
            }
            case Ack(long id) -> {
                writeHeader(out, CapsuleType.COMPRESSION_ACK, idLength);
                Varint.write(out, id);
            }
            case Close(long id) -> {
                writeHeader(out, CapsuleType.COMPRESSION_CLOSE, idLength);
                Varint.write(out, id);
            }
        }
    }

    private static void writeHeader(ByteBuf out, long type, int length) {
        Varint.write(out, type);
        Varint.write(out, length);
    }
}

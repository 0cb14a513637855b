package org.masquerelay.bind;

import io.netty.buffer.ByteBuf;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/// IP version, address and port of a peer, as COMPRESSION_ASSIGN capsules and the datagrams of an
/// uncompressed context carry them (draft-ietf-masque-connect-udp-listen, sections 3.1 and 4).
final class PeerField {
    /// The longest field, in bytes.
    static final int MAX_LENGTH = 1 + 16 + 2;

    private static final int V4 = 4;
    private static final int V6 = 6;

    private PeerField() {}

    /// Bytes of the field at the reader index, or -1 if there is none: the IP version is neither 4
    /// nor 6, or the field is cut short.
    static int tryLength(ByteBuf in) {
        if (!in.isReadable()) {
            return -1;
        }
        int length =
                switch (in.getByte(in.readerIndex())) {
                    case V4 -> 1 + 4 + 2;
                    case V6 -> MAX_LENGTH;
                    default -> -1;
                };
        return length <= in.readableBytes() ? length : -1;
    }

    /// The peer of the field at the reader index, which moves behind it; null, with the index
    /// unmoved, if there is none.
    ///
    /// An IPv4-mapped address stays the IPv6 address it was sent as. The buffer is borrowed.
    static @Nullable InetSocketAddress tryRead(ByteBuf in) {
        int length = tryLength(in);
        if (length < 0) {
            return null;
        }
        var address = new byte[length - 1 - 2];
        in.skipBytes(1).readBytes(address);
        return new InetSocketAddress(address(address), in.readUnsignedShort());
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return bytes.length == 4
                    ? InetAddress.getByAddress(bytes)
                    : Inet6Address.getByAddress(null, bytes, -1);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address length: " + bytes.length, e);
        }
    }

    /// The field of a peer.
    static byte[] encode(InetSocketAddress peer) {
        byte[] address = peer.getAddress().getAddress();
        var field = new byte[1 + address.length + 2];
        field[0] = (byte) (address.length == 4 ? V4 : V6);
        System.arraycopy(address, 0, field, 1, address.length);
        field[field.length - 2] = (byte) (peer.getPort() >>> 8);
        field[field.length - 1] = (byte) peer.getPort();
        return field;
    }
}

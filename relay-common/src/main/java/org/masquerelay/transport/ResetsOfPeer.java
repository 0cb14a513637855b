package org.masquerelay.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.nio.ByteBuffer;

/// Stands before the QUIC codec of a client, whose socket carries one connection, and lets it see
/// stateless resets (RFC 9000, section 10.3.1).
///
/// These have random bytes where a connection ID would be, and the codec drops packets with IDs
/// that are not its own. With ours in that place the packet reaches the connection, cannot be
/// decrypted there, and is judged by its token.
final class ResetsOfPeer extends ChannelInboundHandlerAdapter {
    private static final int ID_OFFSET = 1;

    /// The token behind our connection ID.
    private static final int MIN_LENGTH = ID_OFFSET + Long.BYTES + ResetTokens.BYTES;

    private final long id;

    /// @param id our only connection ID, of eight bytes
    ResetsOfPeer(ByteBuffer id) {
        this.id = id.getLong();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        var content = ((DatagramPacket) msg).content();
        int start = content.readerIndex();
        if (content.readableBytes() >= MIN_LENGTH
                && content.getByte(start) >= 0
                && content.getLong(start + ID_OFFSET) != id) {
            content.setLong(start + ID_OFFSET, id);
        }
        ctx.fireChannelRead(msg);
    }
}

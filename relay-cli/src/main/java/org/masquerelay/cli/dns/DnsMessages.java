package org.masquerelay.cli.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryEncoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseDecoder;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsSection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/// Writes DNS queries and reads the answers (RFC 1035, section 4).
public final class DnsMessages {
    /// The codec wants the addresses of the datagram, which are the tunnel's business here.
    private static final InetSocketAddress NOWHERE =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 53);

    private DnsMessages() {}

    /// One question, to be resolved recursively.
    public static byte[] query(int id, String name, DnsRecordType type) {
        var channel = new EmbeddedChannel(new DatagramDnsQueryEncoder());
        try {
            var query = new DatagramDnsQuery(NOWHERE, NOWHERE, id);
            query.setRecursionDesired(true);
            query.setRecord(DnsSection.QUESTION, new DefaultDnsQuestion(name, type));
            channel.writeOutbound(query);
            DatagramPacket packet = channel.readOutbound();
            return bytesOf(packet);
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    /// Reads an answer.
    ///
    /// @throws IOException when the bytes are no DNS response
    public static DnsAnswer answer(byte[] message) throws IOException {
        var channel = new EmbeddedChannel(new DatagramDnsResponseDecoder());
        try {
            channel.writeInbound(new DatagramPacket(Unpooled.wrappedBuffer(message), NOWHERE));
            DatagramDnsResponse response = channel.readInbound();
            if (response == null) {
                throw new IOException("the answer is no DNS response");
            }
            try {
                // The codec leaves out what is cut off.
                if (response.count(DnsSection.ANSWER) != announcedAnswers(message)) {
                    throw new IOException("the DNS response ends too early");
                }
                return DnsAnswer.of(response);
            } finally {
                response.release();
            }
        } catch (RuntimeException e) {
            throw new IOException("the answer is no DNS response", e);
        } finally {
            channel.finishAndReleaseAll();
        }
    }

    /// RFC 1035, section 4.1.1: ANCOUNT.
    private static int announcedAnswers(byte[] message) {
        return ((message[6] & 0xff) << 8) | (message[7] & 0xff);
    }

    private static byte[] bytesOf(DatagramPacket packet) {
        ByteBuf content = packet.content();
        try {
            return ByteBufUtil.getBytes(content);
        } finally {
            packet.release();
        }
    }
}

package org.masquerelay.testkit;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.masquerelay.capsule.CapsuleType;
import org.masquerelay.testkit.CapsuleBytes.Capsule;
import org.masquerelay.testkit.CapsuleBytes.Datagram;
import org.masquerelay.wire.Varint;

/// The client's end of a bind tunnel (draft-ietf-masque-connect-udp-listen), put together by hand.
/// The only tunnel of its connection. Blocks.
public final class RawBindTunnel {
    private final RawH3Client client;
    private final RawH3Stream stream;

    private RawBindTunnel(RawH3Client client, RawH3Stream stream) {
        this.client = client;
        this.stream = stream;
    }

    /// A datagram of an uncompressed context.
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record FromPeer(InetSocketAddress peer, byte[] payload) {}

    /// Asks for a tunnel to every peer; the answer has not come yet.
    public static RawBindTunnel ask(RawH3Client client, String... moreFields) throws IOException {
        return askWith(client, "%2A", "%2A", "?1", moreFields);
    }

    /// The same with these template variables, as they stand in the path, and a `connect-udp-bind`.
    public static RawBindTunnel askWith(
            RawH3Client client, String host, String port, String bind, String... moreFields)
            throws IOException {
        var head =
                new ArrayList<>(
                        List.of(
                                ":method",
                                "CONNECT",
                                ":protocol",
                                "connect-udp",
                                ":scheme",
                                "https",
                                ":authority",
                                "localhost",
                                ":path",
                                "/.well-known/masque/udp/" + host + "/" + port + "/",
                                "capsule-protocol",
                                "?1",
                                "connect-udp-bind",
                                bind));
        head.addAll(Arrays.asList(moreFields));
        return new RawBindTunnel(client, client.request(head.toArray(String[]::new)));
    }

    /// The stream it is on.
    public RawH3Stream stream() {
        return stream;
    }

    /// Sends COMPRESSION_ASSIGN for the uncompressed context.
    public void assign(long id) {
        stream.data(assignment(id));
    }

    /// Sends COMPRESSION_ASSIGN for a peer.
    public void assign(long id, InetSocketAddress peer) {
        capsule(
                CapsuleType.COMPRESSION_ASSIGN,
                RawBytes.concat(CapsuleBytes.varint(id), field(peer)));
    }

    /// Sends COMPRESSION_CLOSE.
    public void close(long id) {
        capsule(CapsuleType.COMPRESSION_CLOSE, CapsuleBytes.varint(id));
    }

    public void capsule(long type, byte[] value) {
        stream.data(CapsuleBytes.capsule(type, value));
    }

    /// The bytes of COMPRESSION_ASSIGN for the uncompressed context.
    public static byte[] assignment(long id) {
        return CapsuleBytes.capsule(
                CapsuleType.COMPRESSION_ASSIGN,
                RawBytes.concat(CapsuleBytes.varint(id), new byte[1]));
    }

    /// The next capsule has to be COMPRESSION_ACK of this context.
    public void awaitAck(long id) throws InterruptedException {
        expect(CapsuleType.COMPRESSION_ACK, id);
    }

    /// The next capsule has to be COMPRESSION_CLOSE of this context.
    public void awaitClose(long id) throws InterruptedException {
        expect(CapsuleType.COMPRESSION_CLOSE, id);
    }

    private void expect(long type, long id) throws InterruptedException {
        Capsule capsule = CapsuleBytes.read(stream::bytes);
        if (capsule.type() != type || !Arrays.equals(capsule.value(), CapsuleBytes.varint(id))) {
            throw new AssertionError(
                    "expected type %d of context %d: type %d, %s"
                            .formatted(type, id, capsule.type(), Arrays.toString(capsule.value())));
        }
    }

    /// Sends a datagram of any context.
    public void send(long context, byte[] payload) {
        client.datagram(
                Unpooled.wrappedBuffer(
                        CapsuleBytes.varint(stream.id() / 4),
                        CapsuleBytes.varint(context),
                        payload));
    }

    /// Sends a datagram of the uncompressed context.
    public void sendTo(long context, InetSocketAddress peer, byte[] payload) {
        send(context, RawBytes.concat(field(peer), payload));
    }

    public Datagram next() throws InterruptedException {
        var bytes = Unpooled.wrappedBuffer(client.nextDatagram());
        long quarter = Varint.tryRead(bytes);
        if (quarter != stream.id() / 4) {
            throw new AssertionError("a datagram of another stream: " + quarter);
        }
        long context = Varint.tryRead(bytes);
        var payload = new byte[bytes.readableBytes()];
        bytes.readBytes(payload);
        return new Datagram(context, payload);
    }

    /// The next datagram has to be one of this uncompressed context.
    public FromPeer nextFrom(long context) throws InterruptedException {
        var datagram = next();
        if (datagram.contextId() != context) {
            throw new AssertionError("a datagram of context " + datagram.contextId());
        }
        var in = ByteBuffer.wrap(datagram.payload());
        var address = new byte[in.get() == 4 ? 4 : 16];
        in.get(address);
        int port = Short.toUnsignedInt(in.getShort());
        var payload = new byte[in.remaining()];
        in.get(payload);
        try {
            return new FromPeer(
                    new InetSocketAddress(InetAddress.getByAddress(address), port), payload);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /// IP version, address and port.
    public static byte[] field(InetSocketAddress peer) {
        var address = peer.getAddress().getAddress();
        return ByteBuffer.allocate(1 + address.length + 2)
                .put((byte) (address.length == 4 ? 4 : 6))
                .put(address)
                .putShort((short) peer.getPort())
                .array();
    }
}

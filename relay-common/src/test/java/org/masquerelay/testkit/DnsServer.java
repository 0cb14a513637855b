package org.masquerelay.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A DNS server (RFC 1035) on loopback that knows what a test tells it; all other names do not
/// exist.
public final class DnsServer implements AutoCloseable {
    private static final int NXDOMAIN = 3;
    private static final short TYPE_A = 1;
    private static final short TYPE_AAAA = 28;
    private static final short CLASS_IN = 1;
    private static final int HEADER = 12;

    private final DatagramSocket socket;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final AtomicInteger queries = new AtomicInteger();

    private sealed interface Answer {
        record Addresses(List<InetAddress> addresses) implements Answer {}

        record Code(int rcode) implements Answer {}

        record Silence() implements Answer {}
    }

    private DnsServer(DatagramSocket socket) {
        this.socket = socket;
    }

    public static DnsServer start() throws IOException {
        var server = new DnsServer(new DatagramSocket(0, InetAddress.getLoopbackAddress()));
        Thread.ofVirtual().start(server::serve);
        return server;
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    /// From now on `name` has these addresses, which may be none.
    public void addresses(String name, String... literals) throws IOException {
        var addresses = new InetAddress[literals.length];
        for (int i = 0; i < literals.length; i++) {
            addresses[i] = InetAddress.getByName(literals[i]);
        }
        answers.put(name, new Answer.Addresses(List.of(addresses)));
    }

    /// From now on queries for `name` are answered with this response code.
    public void code(String name, int rcode) {
        answers.put(name, new Answer.Code(rcode));
    }

    /// From now on queries for `name` get no answer.
    public void silence(String name) {
        answers.put(name, new Answer.Silence());
    }

    /// How many queries came.
    public int queries() {
        return queries.get();
    }

    private void serve() {
        var packet = new DatagramPacket(new byte[2048], 2048);
        try {
            while (true) {
                packet.setLength(2048);
                socket.receive(packet);
                queries.incrementAndGet();
                var query = ByteBuffer.wrap(packet.getData(), 0, packet.getLength()).slice();
                var bytes = new byte[2048];
                var response = ByteBuffer.wrap(bytes);
                respond(query, response);
                if (response.position() > 0) {
                    socket.send(
                            new DatagramPacket(
                                    bytes, response.position(), packet.getSocketAddress()));
                }
            }
        } catch (IOException _) {
            // Closed: the test is over.
        }
    }

    private void respond(ByteBuffer query, ByteBuffer response) {
        short id = query.getShort(0);
        query.position(HEADER);
        var name = name(query);
        short type = query.getShort();
        int end = query.position() + 2;
        switch (answers.getOrDefault(name, new Answer.Code(NXDOMAIN))) {
            case Answer.Silence() -> {}
            case Answer.Code(int rcode) ->
                    head(response, id, rcode, 0, query.slice(HEADER, end - HEADER));
            case Answer.Addresses(var all) -> {
                var wanted =
                        all.stream()
                                .map(InetAddress::getAddress)
                                .filter(bytes -> type == (bytes.length == 4 ? TYPE_A : TYPE_AAAA))
                                .toList();
                head(response, id, 0, wanted.size(), query.slice(HEADER, end - HEADER));
                for (var bytes : wanted) {
                    response.putShort((short) (0xc000 | HEADER)).putShort(type).putShort(CLASS_IN);
                    response.putInt(60).putShort((short) bytes.length).put(bytes);
                }
            }
        }
    }

    private static void head(
            ByteBuffer response, short id, int rcode, int count, ByteBuffer question) {
        // A response, with recursion desired and available.
        response.putShort(id).putShort((short) (0x8180 | rcode)).putShort((short) 1);
        response.putShort((short) count).putInt(0).put(question);
    }

    private static String name(ByteBuffer query) {
        var name = new StringBuilder();
        for (int length = query.get(); length > 0; length = query.get()) {
            var label = new byte[length];
            query.get(label);
            name.append(name.isEmpty() ? "" : ".").append(new String(label, US_ASCII));
        }
        return name.toString().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        socket.close();
    }
}

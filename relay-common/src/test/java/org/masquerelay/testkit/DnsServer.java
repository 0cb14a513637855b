package org.masquerelay.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A DNS server (RFC 1035) on loopback that knows what a test tells it; all other names do not
/// exist.
public final class DnsServer implements AutoCloseable {
    private static final int NXDOMAIN = 3;
    private static final short TYPE_A = 1;
    private static final short TYPE_CNAME = 5;
    private static final short TYPE_AAAA = 28;
    private static final short TYPE_SRV = 33;
    private static final short CLASS_IN = 1;
    private static final int HEADER = 12;

    private final DatagramSocket socket;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final AtomicInteger queries = new AtomicInteger();
    private final Map<String, AtomicInteger> queriesByName = new ConcurrentHashMap<>();
    private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
    private volatile int ttlSeconds = 60;

    private sealed interface Answer {
        record Addresses(List<InetAddress> addresses) implements Answer {}

        record Services(List<Service> services) implements Answer {}

        /// Queries for AAAA get no answer.
        record SilentV6(Addresses v4) implements Answer {}

        record Alias(String target) implements Answer {}

        record Raw(int type, String hex) implements Answer {}

        record Code(int rcode) implements Answer {}

        record Silence() implements Answer {}
    }

    /// An SRV record (RFC 2782).
    public record Service(int priority, int weight, int port, String target) {}

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

    /// From now on addresses may be remembered for so long.
    public void ttl(int seconds) {
        ttlSeconds = seconds;
    }

    /// From now on `name` has these addresses, which may be none.
    public void addresses(String name, String... literals) throws IOException {
        answers.put(name, parsed(literals));
    }

    /// From now on `name` has these IPv4 addresses, and who asks for IPv6 gets no answer.
    public void silentForV6(String name, String... literals) throws IOException {
        answers.put(name, new Answer.SilentV6(parsed(literals)));
    }

    /// From now on `name` is an alias; what of, the answer says without a word about the target.
    public void alias(String name, String target) {
        answers.put(name, new Answer.Alias(target));
    }

    /// From now on `name` has these SRV records, and no address.
    public void services(String name, Service... services) {
        answers.put(name, new Answer.Services(List.of(services)));
    }

    /// From now on `name` has one record of this type, with this content in hexadecimal digits.
    public void raw(String name, int type, String hex) {
        answers.put(name, new Answer.Raw(type, hex));
    }

    private static Answer.Addresses parsed(String... literals) throws IOException {
        var addresses = new InetAddress[literals.length];
        for (int i = 0; i < literals.length; i++) {
            addresses[i] = InetAddress.getByName(literals[i]);
        }
        return new Answer.Addresses(List.of(addresses));
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

    /// Whence queries came.
    public Set<Integer> ports() {
        return Set.copyOf(ports);
    }

    /// How many queries came for `name`.
    public int queries(String name) {
        var count = queriesByName.get(name);
        return count == null ? 0 : count.get();
    }

    private void serve() {
        var packet = new DatagramPacket(new byte[2048], 2048);
        try {
            while (true) {
                packet.setLength(2048);
                socket.receive(packet);
                queries.incrementAndGet();
                ports.add(packet.getPort());
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
        queriesByName.computeIfAbsent(name, _ -> new AtomicInteger()).incrementAndGet();
        var question = query.slice(HEADER, end - HEADER);
        switch (answers.getOrDefault(name, new Answer.Code(NXDOMAIN))) {
            case Answer.Silence() -> {}
            case Answer.SilentV6(var v4) -> {
                if (type != TYPE_AAAA) {
                    respond(v4, type, id, question, response);
                }
            }
            case Answer.Alias(var target) -> {
                head(response, id, 0, 1, question);
                response.putShort((short) (0xc000 | HEADER)).putShort(TYPE_CNAME);
                response.putShort(CLASS_IN).putInt(ttlSeconds);
                response.putShort((short) (target.getBytes(UTF_8).length + 2));
                putName(target, response);
            }
            case Answer.Services(var services) -> {
                boolean asked = type == TYPE_SRV;
                head(response, id, 0, asked ? services.size() : 0, question);
                if (asked) {
                    services.forEach(service -> put(service, response));
                }
            }
            case Answer.Raw(int of, var hex) -> {
                var content = HexFormat.of().parseHex(hex);
                head(response, id, 0, 1, question);
                response.putShort((short) (0xc000 | HEADER)).putShort((short) of);
                response.putShort(CLASS_IN).putInt(ttlSeconds);
                response.putShort((short) content.length).put(content);
            }
            case Answer.Code(int rcode) -> head(response, id, rcode, 0, question);
            case Answer.Addresses all -> respond(all, type, id, question, response);
        }
    }

    private static void putName(String name, ByteBuffer response) {
        for (var label : name.split("\\.", -1)) {
            var bytes = label.getBytes(UTF_8);
            response.put((byte) bytes.length).put(bytes);
        }
        response.put((byte) 0);
    }

    private void put(Service service, ByteBuffer response) {
        response.putShort((short) (0xc000 | HEADER)).putShort(TYPE_SRV).putShort(CLASS_IN);
        response.putInt(ttlSeconds).putShort((short) (service.target().length() + 2 + 6));
        response.putShort((short) service.priority()).putShort((short) service.weight());
        response.putShort((short) service.port());
        putName(service.target(), response);
    }

    private void respond(
            Answer.Addresses all, short type, short id, ByteBuffer question, ByteBuffer response) {
        var wanted =
                all.addresses().stream()
                        .map(InetAddress::getAddress)
                        .filter(bytes -> type == (bytes.length == 4 ? TYPE_A : TYPE_AAAA))
                        .toList();
        head(response, id, 0, wanted.size(), question);
        for (var bytes : wanted) {
            response.putShort((short) (0xc000 | HEADER)).putShort(type).putShort(CLASS_IN);
            response.putInt(ttlSeconds).putShort((short) bytes.length).put(bytes);
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

package org.masquerelay.cli.doctor;

import io.netty.handler.codec.dns.DnsRecordType;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.masquerelay.cli.dns.DnsAnswer;
import org.masquerelay.cli.dns.DnsMessages;
import org.masquerelay.wire.IpLiteral;

/// Whether the name server that resolves targets does it right.
///
/// @param server empty when the host names none
/// @param name of a host that exists
record Resolver(Optional<InetSocketAddress> server, String name, Duration timeout) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int PORT = 53;
    private static final int MAX_BYTES = 4096;
    private static final int ATTEMPTS = 3;

    /// RFC 6840, sections 5.7 and 5.8: asked for with the bit that answers it.
    private static final int AUTHENTIC_DATA = 0x20;

    private static final String CHANGE = "name a resolver that answers: --dns ADDRESS:53";

    private static final String NO_SUCH_NAME = "NXDOMAIN";

    /// It answers, so another one is only to be asked where it does not know all names.
    private static final String KNOWN_NAME =
            "ask for a name that this resolver has: --dns-name NAME, or ask one that knows all"
                    + " names: --dns ADDRESS:53";

    private record Answered(DnsAnswer answer, boolean authentic) {}

    /// The first one of `etc/resolv.conf`.
    static Optional<InetSocketAddress> ofHost(HostFiles files) {
        return files.lines("etc/resolv.conf").stream()
                .map(line -> line.strip().split("\\s+", -1))
                .filter(words -> words.length >= 2 && words[0].equals("nameserver"))
                .flatMap(words -> address(words[1]).stream())
                .map(address -> new InetSocketAddress(address, PORT))
                .findFirst();
    }

    /// RFC 4007, section 11: an address of a link has the interface after a percent sign, by name
    /// or by number. Nothing where there is no such interface.
    private static Optional<InetAddress> address(String text) {
        int zone = text.indexOf('%');
        if (zone < 0) {
            return IpLiteral.parse(text);
        }
        return IpLiteral.parse(text.substring(0, zone))
                .flatMap(address -> scoped(address, text.substring(zone + 1)));
    }

    private static Optional<InetAddress> scoped(InetAddress address, String zone) {
        try {
            var named = NetworkInterface.getByName(zone);
            int index = named == null ? Integer.parseInt(zone) : named.getIndex();
            return Optional.of(Inet6Address.getByAddress(null, address.getAddress(), index));
        } catch (IOException | NumberFormatException _) {
            return Optional.empty();
        }
    }

    List<Finding> findings() {
        if (server.isEmpty()) {
            return List.of(Finding.fail("name server", "none in /etc/resolv.conf", CHANGE));
        }
        var found = new ArrayList<Finding>();
        try (var socket = new DatagramSocket()) {
            socket.connect(server.get());
            var first = ask(socket, name, DnsRecordType.A);
            found.add(addresses(first, "A"));
            found.add(addresses(ask(socket, name, DnsRecordType.AAAA), "AAAA"));
            found.add(missingName(socket));
            if (first.answer().code().equals("NOERROR")) {
                found.add(authenticity(first));
            }
        } catch (IOException e) {
            found.add(Finding.fail("name server " + text(), Failure.text(e), CHANGE));
        }
        return found;
    }

    private String text() {
        return server.map(at -> at.getHostString() + ":" + at.getPort()).orElse("");
    }

    private Finding addresses(Answered answered, String type) {
        String check = type + " of " + name;
        var answer = answered.answer();
        var addresses =
                answer.lines().stream()
                        .filter(line -> line.type().equals(type))
                        .map(DnsAnswer.Line::content)
                        .toList();
        if (!answer.code().equals("NOERROR")) {
            return Finding.fail(
                    check,
                    answer.code() + " by " + text(),
                    answer.code().equals(NO_SUCH_NAME) ? KNOWN_NAME : CHANGE);
        }
        return addresses.isEmpty()
                ? Finding.warn(
                        check, "none by " + text(), "--dns-name NAME of a host with both families")
                : Finding.ok(check, String.join(", ", addresses) + " by " + text());
    }

    /// RFC 6761, section 6.4: names below `invalid` do not exist. A resolver that has an address
    /// for them sends tunnels somewhere else than their clients think.
    private Finding missingName(DatagramSocket socket) throws IOException {
        String missing = "doctor-%08x.invalid".formatted(RANDOM.nextInt());
        var answer = ask(socket, missing, DnsRecordType.A).answer();
        String check = "a name that is not there";
        return answer.code().equals(NO_SUCH_NAME)
                ? Finding.ok(check, NO_SUCH_NAME + ", as it should be")
                : Finding.fail(
                        check,
                        answer.code() + " with " + answer.lines().size() + " records",
                        "use a resolver that invents nothing: --dns ADDRESS:53");
    }

    private Finding authenticity(Answered answered) {
        return answered.authentic()
                ? Finding.ok("DNSSEC", "the resolver has validated " + name)
                : Finding.warn(
                        "DNSSEC",
                        name + " without the AD bit: the resolver does not validate it",
                        "apt-get install unbound   # validates by default; then nameserver ::1");
    }

    private Answered ask(DatagramSocket socket, String asked, DnsRecordType type)
            throws IOException {
        int id = RANDOM.nextInt(1 << 16);
        byte[] query = DnsMessages.query(id, asked, type);
        query[3] |= AUTHENTIC_DATA;
        for (int i = 0; i < ATTEMPTS; i++) {
            socket.send(new DatagramPacket(query, query.length));
            long end = System.nanoTime() + timeout.toNanos() / ATTEMPTS;
            for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                socket.setSoTimeout((int) Math.max(1, left / 1_000_000));
                var packet = new DatagramPacket(new byte[MAX_BYTES], MAX_BYTES);
                try {
                    socket.receive(packet);
                } catch (SocketTimeoutException _) {
                    break;
                }
                var message = Arrays.copyOf(packet.getData(), packet.getLength());
                var answer = DnsMessages.answer(message);
                if (answer.id() == id) {
                    return new Answered(answer, (message[3] & AUTHENTIC_DATA) != 0);
                }
            }
        }
        throw new IOException("no answer within " + timeout.toMillis() + " ms");
    }
}

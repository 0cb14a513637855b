package org.masquerelay.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.cli.doctor.Finding.Mark;
import org.masquerelay.testkit.DnsServer;

final class ResolverTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir private Path root = Path.of("");

    @Test
    void asksForBothFamiliesAndForWhatIsNotThere() throws Exception {
        try (var server = DnsServer.start()) {
            server.addresses("there.test", "192.0.2.1", "2001:db8::1");

            assertThat(resolver(server.address(), PATIENCE).findings())
                    .extracting(Finding::mark, Finding::check)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(Mark.OK, "A of there.test"),
                            org.assertj.core.groups.Tuple.tuple(Mark.OK, "AAAA of there.test"),
                            org.assertj.core.groups.Tuple.tuple(
                                    Mark.OK, "a name that is not there"),
                            org.assertj.core.groups.Tuple.tuple(Mark.WARN, "DNSSEC"));
        }
    }

    @Test
    void warnsWithoutIPv6AndFailsWithoutTheName() throws Exception {
        try (var server = DnsServer.start()) {
            server.addresses("there.test", "192.0.2.1");
            assertThat(resolver(server.address(), PATIENCE).findings().get(1).mark())
                    .isEqualTo(Mark.WARN);

            server.code("there.test", 2);
            assertThat(resolver(server.address(), PATIENCE).findings().getFirst().found())
                    .startsWith("SERVFAIL by 127.0.0.1");
        }
    }

    @Test
    void saysWhatToDoAboutANameThatTheResolverDoesNotHave() throws Exception {
        try (var server = DnsServer.start()) {
            server.code("there.test", 3);

            var found = resolver(server.address(), PATIENCE).findings();

            assertThat(found.getFirst().found()).startsWith("NXDOMAIN by 127.0.0.1");
            assertThat(found.getFirst().change()).contains("--dns-name NAME", "--dns ADDRESS:53");
            assertThat(found.get(2).found()).isEqualTo("NXDOMAIN, as it should be");
        }
    }

    @Test
    void failsOnAResolverThatInventsNamesAndSeesWhetherItValidates() throws Exception {
        try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answerEverything(socket));

            var found =
                    resolver((InetSocketAddress) socket.getLocalSocketAddress(), PATIENCE)
                            .findings();

            assertThat(found.get(2).mark()).isEqualTo(Mark.FAIL);
            assertThat(found.get(2).found()).isEqualTo("NOERROR with 1 records");
            assertThat(found.get(3).mark()).isEqualTo(Mark.OK);
        }
    }

    @Test
    void failsOnSilence() throws Exception {
        try (var server = DnsServer.start()) {
            server.silence("there.test");

            assertThat(resolver(server.address(), Duration.ofMillis(300)).findings())
                    .extracting(Finding::found)
                    .containsExactly("no answer within 300 ms");
            assertThat(server.queries()).isEqualTo(3);
        }
    }

    @Test
    void takesTheFirstNameServerOfTheHost() throws Exception {
        var host = new HostTree(root);
        assertThat(Resolver.ofHost(host.files())).isEmpty();
        host.write("etc/resolv.conf", "# nameserver 192.0.2.9\nsearch test\nnameserver  ::1\n");

        assertThat(Resolver.ofHost(host.files())).contains(new InetSocketAddress("::1", 53));
        assertThat(
                        new Resolver(Optional.empty(), "there.test", PATIENCE)
                                .findings()
                                .getFirst()
                                .mark())
                .isEqualTo(Mark.FAIL);
    }

    @Test
    void takesANameServerOfALink() throws Exception {
        var host = new HostTree(root);
        var loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress());
        int index = loopback.getIndex();
        for (var zone : List.of(loopback.getName(), String.valueOf(index))) {
            host.write("etc/resolv.conf", "nameserver fe80::1%" + zone + "\nnameserver ::1\n");
            var server = (Inet6Address) Resolver.ofHost(host.files()).orElseThrow().getAddress();
            assertThat(server.isLinkLocalAddress()).isTrue();
            assertThat(server.getScopeId()).isEqualTo(index);
        }
        for (var wrong : List.of("fe80::1%no-such-if0", "192.0.2.1%" + index, "host%" + index)) {
            host.write("etc/resolv.conf", "nameserver " + wrong + "\nnameserver ::1\n");
            assertThat(Resolver.ofHost(host.files())).contains(new InetSocketAddress("::1", 53));
        }
    }

    private static Resolver resolver(InetSocketAddress server, Duration timeout) {
        return new Resolver(Optional.of(server), "there.test", timeout);
    }

    /// One A record for every question, and the AD bit for who asks for it.
    private static void answerEverything(DatagramSocket socket) {
        byte[] record = {(byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, (byte) 192, 0, 2, 1};
        try {
            while (true) {
                var packet = new DatagramPacket(new byte[512], 512);
                socket.receive(packet);
                byte[] answer =
                        java.util.Arrays.copyOf(
                                packet.getData(), packet.getLength() + record.length);
                System.arraycopy(record, 0, answer, packet.getLength(), record.length);
                answer[2] |= (byte) 0x80;
                answer[7] = 1;
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (IOException _) {
            // The test is over.
        }
    }
}

package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.egress.limit.RateSettings;
import org.masquerelay.egress.policy.TargetRules;
import org.masquerelay.testkit.DnsServer;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// Targets with several addresses, of which some do not answer.
@Timeout(120)
final class HappyEyeballsTest {
    /// Longer than a test may last, so that waiting for it fails.
    private static final Duration CONNECT_TIMEOUT = Duration.ofMinutes(5);

    private DnsServer dns;

    @BeforeEach
    void start() throws Exception {
        dns = DnsServer.start();
    }

    @AfterEach
    void stop() {
        dns.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private TestEgress egress() throws IOException {
        return TestEgress.start(
                new EgressSettings(
                        new TargetRules(true, Set.of()),
                        TestEgress.resolver(List.of(dns.address())),
                        CONNECT_TIMEOUT,
                        TestEgress.ATTEMPT_DELAY,
                        TestEgress.TIMES,
                        TestEgress.LOOPBACK_BIND,
                        RateSettings.NONE));
    }

    /// Lets nobody in: whoever connects hears nothing, as from an address behind a broken path.
    private static final class SilentTarget implements AutoCloseable {
        private final ServerSocket server;
        private final List<Socket> guests = new ArrayList<>();

        SilentTarget(String address) throws IOException {
            server = new ServerSocket(0, 1, InetAddress.getByName(address));
            boolean full = false;
            while (!full) {
                var guest = new Socket();
                try {
                    guest.connect(server.getLocalSocketAddress(), 500);
                    guests.add(guest);
                } catch (SocketTimeoutException _) {
                    guest.close();
                    full = true;
                }
            }
        }

        int port() {
            return server.getLocalPort();
        }

        /// Lets those in who still want to, besides the guests that make it full.
        void assertNobodyWaits() throws IOException {
            for (int i = 0; i < guests.size(); i++) {
                server.accept().close();
            }
            server.setSoTimeout(2_500); // A SYN is repeated after one second.
            assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
        }

        @Override
        public void close() throws IOException {
            for (var guest : guests) {
                guest.close();
            }
            server.close();
        }
    }

    @Test
    @DisplayName("8305 5: an address that does not answer is overtaken by the next")
    void isNotHeldUpByAnAddressThatDoesNotAnswer() throws Exception {
        dns.addresses("both.test", "::1", "127.0.0.1");
        try (var silent = new SilentTarget("::1");
                var server =
                        new ServerSocket(silent.port(), 10, InetAddress.getByName("127.0.0.1"));
                var egress = egress();
                var client = egress.connect();
                var tunnel =
                        client.openTcp(
                                new HostPort("both.test", silent.port()), HeaderFields.NONE);
                var socket = server.accept()) {
            socket.getOutputStream().write(7);
            assertThat(tunnel.input().read()).isEqualTo(7);
            silent.assertNobodyWaits();
        }
    }

    @Test
    @DisplayName("8305 4: IPv6 is tried first")
    void prefersIpv6() throws Exception {
        dns.addresses("both.test", "127.0.0.1", "::1");
        try (var v6 = new ServerSocket(0, 10, InetAddress.getByName("::1"));
                var v4 =
                        new ServerSocket(
                                v6.getLocalPort(), 10, InetAddress.getByName("127.0.0.1"));
                var egress = egress();
                var client = egress.connect();
                var tunnel =
                        client.openTcp(
                                new HostPort("both.test", v4.getLocalPort()), HeaderFields.NONE);
                var socket = v6.accept()) {
            assertThat(((InetSocketAddress) socket.getLocalSocketAddress()).getAddress())
                    .isEqualTo(InetAddress.getByName("::1"));
            tunnel.output().write(7);
            assertThat(socket.getInputStream().read()).isEqualTo(7);
        }
    }
}

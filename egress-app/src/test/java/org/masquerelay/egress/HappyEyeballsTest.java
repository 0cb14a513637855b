package org.masquerelay.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
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

    private static final InetAddress IPV4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress IPV6 = InetAddress.ofLiteral("::1");

    private DnsServer dns;

    @BeforeAll
    static void needsBothFamilies() throws IOException {
        assumeTrue(NetworkInterface.getByInetAddress(IPV6) != null, "a machine without IPv6");
    }

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

    /// Two listeners at one port, which was free for both families.
    private record Listeners(ServerSocket v6, ServerSocket v4) implements AutoCloseable {
        private static final int TRIES = 20;

        static Listeners open(int backlogOfV6) throws IOException {
            for (int left = TRIES; ; left--) {
                var v6 = new ServerSocket(0, backlogOfV6, IPV6);
                try {
                    return new Listeners(v6, new ServerSocket(v6.getLocalPort(), 10, IPV4));
                } catch (BindException taken) {
                    v6.close();
                    if (left == 0) {
                        throw taken;
                    }
                }
            }
        }

        int port() {
            return v4.getLocalPort();
        }

        @Override
        public void close() throws IOException {
            v6.close();
            v4.close();
        }
    }

    /// Lets nobody in: whoever connects hears nothing, as from an address behind a broken path.
    private static final class SilentTarget implements AutoCloseable {
        private final ServerSocket server;
        private final List<Socket> guests = new ArrayList<>();

        SilentTarget(ServerSocket server) throws IOException {
            this.server = server;
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
        try (var listeners = Listeners.open(1);
                var silent = new SilentTarget(listeners.v6());
                var egress = egress();
                var client = egress.connect();
                var tunnel =
                        client.openTcp(
                                new HostPort("both.test", listeners.port()), HeaderFields.NONE);
                var socket = listeners.v4().accept()) {
            socket.getOutputStream().write(7);
            assertThat(tunnel.input().read()).isEqualTo(7);
            silent.assertNobodyWaits();
        }
    }

    @Test
    @DisplayName("8305 4: IPv6 is tried first")
    void prefersIpv6() throws Exception {
        dns.addresses("both.test", "127.0.0.1", "::1");
        try (var listeners = Listeners.open(10);
                var egress = egress();
                var client = egress.connect();
                var tunnel =
                        client.openTcp(
                                new HostPort("both.test", listeners.port()), HeaderFields.NONE);
                var socket = listeners.v6().accept()) {
            assertThat(((InetSocketAddress) socket.getLocalSocketAddress()).getAddress())
                    .isEqualTo(IPV6);
            tunnel.output().write(7);
            assertThat(socket.getInputStream().read()).isEqualTo(7);
        }
    }
}

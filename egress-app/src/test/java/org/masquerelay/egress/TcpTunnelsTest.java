package org.masquerelay.egress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.LeakPresenceDetector;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.client.RelayClient;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.testkit.Await;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// TCP tunnels to real sockets: half-close, resets, back-pressure.
@Timeout(60)
final class TcpTunnelsTest {
    private static final int LENGTH = 3 << 20;

    private TestEgress egress;
    private RelayClient client;
    private ServerSocket server;

    @BeforeEach
    void open() throws Exception {
        egress = TestEgress.start(TestEgress.PRIVATE_TARGETS);
        client = egress.connect();
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        server.setSoTimeout(10_000);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        server.close();
        egress.awaitNoTunnel();
        egress.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private HostPort target() {
        return new HostPort("127.0.0.1", server.getLocalPort());
    }

    private TcpTunnel tunnel() throws IOException {
        return client.openTcp(target(), HeaderFields.NONE);
    }

    private static byte[] content(long seed) {
        var content = new byte[LENGTH];
        new Random(seed).nextBytes(content);
        return content;
    }

    /// Reads to the end, a little at a time with breaks, so that the sender has to wait.
    private static byte[] readSlowly(InputStream in) throws IOException {
        var all = new java.io.ByteArrayOutputStream();
        var part = new byte[64 << 10];
        for (int count = in.read(part); count >= 0; count = in.read(part)) {
            all.write(part, 0, count);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
        return all.toByteArray();
    }

    private static CompletableFuture<byte[]> readingSlowly(InputStream in) {
        var read = new CompletableFuture<byte[]>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        read.complete(readSlowly(in));
                    } catch (IOException failure) {
                        read.completeExceptionally(failure);
                    }
                });
        return read;
    }

    @Test
    void carriesAllOfTheClientBeforeItsFinAndThenAllOfTheTarget() throws Exception {
        try (var tunnel = tunnel();
                var socket = server.accept()) {
            var received = readingSlowly(socket.getInputStream());
            tunnel.output().write(content(1));
            tunnel.output().close();
            assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo(content(1));
            // The client has finished; the other direction is as good as ever.
            var answer = readingSlowly(tunnel.input());
            socket.getOutputStream().write(content(2));
            socket.shutdownOutput();
            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(content(2));
        }
    }

    @Test
    void carriesAllOfTheTargetBeforeItsFinAndThenAllOfTheClient() throws Exception {
        try (var tunnel = tunnel();
                var socket = server.accept()) {
            var answer = readingSlowly(tunnel.input());
            socket.getOutputStream().write(content(3));
            socket.shutdownOutput();
            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(content(3));
            var received = readingSlowly(socket.getInputStream());
            tunnel.output().write(content(4));
            tunnel.output().close();
            assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo(content(4));
        }
    }

    // Netty's epoll transport closes a half-closed channel whose read interest is touched.
    @Test
    void keepsAHalfClosedTunnelWhosePausedReaderGoesOn() throws Exception {
        try (var tunnel = tunnel();
                var socket = server.accept()) {
            socket.getOutputStream().write(content(5));
            socket.shutdownOutput();
            // Nobody reads at the client: the egress pauses the socket, which has its FIN by then.
            Await.until("paused", () -> egress.listener().traffic().out().sum() >= 1 << 20);
            tunnel.output().write("still here".getBytes(UTF_8));
            assertThat(socket.getInputStream().readNBytes(10))
                    .asString(UTF_8)
                    .isEqualTo("still here");
            assertThat(readSlowly(tunnel.input())).isEqualTo(content(5));
            tunnel.output().write("and here".getBytes(UTF_8));
            tunnel.output().close();
            assertThat(socket.getInputStream().readAllBytes())
                    .asString(UTF_8)
                    .isEqualTo("and here");
        }
    }

    @Test
    void letsTheClientWaitForATargetThatDoesNotRead() throws Exception {
        try (var tunnel = tunnel();
                var socket = server.accept()) {
            var written = new AtomicLong();
            var writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    while (written.get() < 256L << 20) {
                                        tunnel.output().write(new byte[64 << 10]);
                                        written.addAndGet(64 << 10);
                                    }
                                } catch (IOException _) {
                                    // The tunnel is closed at the end of the test.
                                }
                            });
            awaitStandstill(written);
            // Socket buffers and windows, and nothing that grows.
            assertThat(written.get()).isLessThan(64L << 20);
            assertThat(egress.listener().traffic().in().sum()).isLessThan(32L << 20);
            tunnel.close();
            socket.close();
            writer.join(TimeUnit.SECONDS.toMillis(10));
        }
    }

    /// Returns once `count` has not changed for half a second.
    private static void awaitStandstill(AtomicLong count) {
        var seen = new long[] {-1, System.nanoTime()};
        Await.until(
                "a standstill",
                () -> {
                    long now = count.get();
                    if (now != seen[0]) {
                        seen[0] = now;
                        seen[1] = System.nanoTime();
                    }
                    return now > 0
                            && System.nanoTime() - seen[1] > TimeUnit.MILLISECONDS.toNanos(500);
                });
    }

    @Test
    void saysThatNobodyListens() throws Exception {
        int closed;
        try (var unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = unused.getLocalPort();
        }
        assertThatThrownBy(
                        () -> client.openTcp(new HostPort("127.0.0.1", closed), HeaderFields.NONE))
                .isInstanceOfSatisfying(
                        TunnelRefusedException.class,
                        refused -> {
                            assertThat(refused.status()).isEqualTo(502);
                            assertThat(refused.fields().first("proxy-status").orElseThrow())
                                    .contains("error=connection_refused");
                        });
    }

    @Test
    void refusesNewTunnelsWhileDrainingAndKeepsTheOldOnes() throws Exception {
        try (var tunnel = tunnel();
                var socket = server.accept()) {
            egress.drain().start(java.time.Instant.EPOCH, "test");
            assertThatThrownBy(this::tunnel)
                    .isInstanceOfSatisfying(
                            TunnelRefusedException.class,
                            refused -> assertThat(refused.status()).isEqualTo(503));
            tunnel.output().write(Arrays.copyOf(content(6), 1000));
            assertThat(socket.getInputStream().readNBytes(1000))
                    .isEqualTo(Arrays.copyOf(content(6), 1000));
        }
    }
}

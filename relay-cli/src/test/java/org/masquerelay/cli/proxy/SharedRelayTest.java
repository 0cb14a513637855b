package org.masquerelay.cli.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.cli.token.RelayConnection;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RefusalReason;
import org.masquerelay.wire.HostPort;

@Timeout(30)
final class SharedRelayTest {
    private static final HostPort TARGET = new HostPort("web.example", 443);

    private final List<FreeRelay> dialled = Collections.synchronizedList(new ArrayList<>());
    private final List<String> notices = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean reachable = true;
    private final SharedRelay shared =
            new SharedRelay(this::dial, new HostPort("localhost", 4443), notices::add);

    private FreeRelay dial() throws IOException {
        if (!reachable) {
            throw new IOException("nobody listens");
        }
        var relay = new FreeRelay();
        dialled.add(relay);
        return relay;
    }

    /// Opens tunnels to nowhere without a token, for as long as it lives.
    private static final class FreeRelay implements RelayConnection {
        private volatile boolean lost;
        private volatile boolean closed;
        private volatile boolean breaksTunnels;
        private volatile boolean refuses;

        @Override
        public TcpTunnel openTcp(HostPort target, HeaderFields fields) throws IOException {
            check();
            if (refuses) {
                throw DirectTunnels.refused(RefusalReason.DNS_ERROR);
            }
            if (breaksTunnels) {
                throw new IOException("the relay broke the request off");
            }
            return new Nowhere();
        }

        @Override
        public UdpTunnel openUdp(HostPort target, HeaderFields fields) throws IOException {
            throw new IOException("no UDP here");
        }

        @Override
        public PlainResponse request(String method, String path, HeaderFields fields, byte[] body)
                throws IOException {
            check();
            return PlainResponse.empty(404);
        }

        private void check() throws IOException {
            if (lost || closed) {
                throw new IOException("the relay closed the connection");
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private record Nowhere() implements TcpTunnel {
        @Override
        public java.io.InputStream input() {
            return java.io.InputStream.nullInputStream();
        }

        @Override
        public java.io.OutputStream output() {
            return java.io.OutputStream.nullOutputStream();
        }

        @Override
        public void close() {}
    }

    @Test
    void sharesOneConnection() throws Exception {
        for (int i = 0; i < 10; i++) {
            shared.openTcp(TARGET);
        }
        assertThat(dialled).hasSize(1);
    }

    @Test
    void dialsOnceForAllWhoWait() throws Exception {
        var start = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<Future<TcpTunnel>>();
            for (int i = 0; i < 50; i++) {
                all.add(
                        threads.submit(() -> {
                            start.await();
                            return shared.openTcp(TARGET);
                        }));
            }
            start.countDown();
            for (var one : all) {
                one.get().close();
            }
        }
        assertThat(dialled).hasSize(1);
    }

    @Test
    void dialsAgainWhenTheConnectionWasLost() throws Exception {
        shared.openTcp(TARGET).close();
        dialled.getFirst().lost = true;

        shared.openTcp(TARGET).close();
        shared.openTcp(TARGET).close();

        assertThat(dialled).hasSize(2);
        assertThat(notices).isEmpty();
    }

    @Test
    void closesALostConnectionWithItsLastTunnel() throws Exception {
        var first = shared.openTcp(TARGET);
        var second = shared.openTcp(TARGET);
        dialled.getFirst().lost = true;
        shared.openTcp(TARGET);

        first.close();
        first.close();
        assertThat(dialled.getFirst().closed).isFalse();
        second.close();

        Waiting.until("the lost connection is closed", () -> dialled.getFirst().closed);
        assertThat(dialled.getLast().closed).isFalse();
    }

    @Test
    void keepsAConnectionOnWhichOneRequestFails() throws Exception {
        shared.openTcp(TARGET).close();
        dialled.getFirst().breaksTunnels = true;

        assertThatThrownBy(() -> shared.openTcp(TARGET)).hasMessageContaining("broke");

        assertThat(dialled).hasSize(1);
    }

    @Test
    void passesRefusalsOn() throws Exception {
        shared.openTcp(TARGET).close();
        dialled.getFirst().refuses = true;

        assertThatThrownBy(() -> shared.openTcp(TARGET)).isInstanceOf(TunnelRefusedException.class);

        assertThat(dialled).hasSize(1);
    }

    @Test
    void saysOnceThatTheRelayIsGoneAndOnceThatItIsBack() throws Exception {
        shared.openTcp(TARGET).close();
        dialled.getFirst().lost = true;
        reachable = false;
        assertThatThrownBy(() -> shared.openTcp(TARGET)).hasMessageContaining("nobody listens");
        assertThatThrownBy(() -> shared.openTcp(TARGET)).hasMessageContaining("nobody listens");

        reachable = true;
        shared.openTcp(TARGET).close();
        shared.openTcp(TARGET).close();

        assertThat(notices)
                .containsExactly(
                        "the relay cannot be reached: nobody listens",
                        "the relay is reached again");
    }

    @Test
    void opensNothingAfterItsEnd() throws Exception {
        shared.openTcp(TARGET);

        shared.close();

        assertThat(dialled.getFirst().closed).isTrue();
        assertThatThrownBy(() -> shared.openTcp(TARGET)).hasMessageContaining("closed");
        assertThat(dialled).hasSize(1);
    }
}

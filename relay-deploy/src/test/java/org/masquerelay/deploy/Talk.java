package org.masquerelay.deploy;

import io.netty.handler.codec.dns.DnsRecordType;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.dns.DnsExchange;
import org.masquerelay.cli.dns.DnsMessages;
import org.masquerelay.cli.http.TargetTrust;
import org.masquerelay.cli.http.TunnelledHttp;
import org.masquerelay.cli.targets.DnsZone;
import org.masquerelay.cli.token.PaidTunnels;
import org.masquerelay.wire.HostPort;

/// One tunnel with a question under way at any time, until it is closed or an answer does not come.
final class Talk implements AutoCloseable {
    private static final HostPort DNS = new HostPort("target", 5300);
    private static final String ECHO = "https://target:8443/echo/";
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(25);

    private final AtomicInteger answers = new AtomicInteger();
    private final Question question;
    private final AutoCloseable tunnel;
    private volatile @Nullable IOException failure;
    private volatile @Nullable Instant failedAt;
    private volatile boolean closed;

    private interface Question {
        void ask(int number) throws IOException;
    }

    private Talk(Question question, AutoCloseable tunnel) {
        this.question = question;
        this.tunnel = tunnel;
    }

    /// Opens a UDP tunnel and asks the DNS responder through it: every datagram has to be answered.
    static Talk udp(PaidTunnels tunnels) throws IOException {
        var tunnel = tunnels.openUdp(DNS);
        var talk =
                new Talk(
                        number -> {
                            var name = DnsZone.numbered(number % 256);
                            var query = DnsMessages.query(number & 0xffff, name, DnsRecordType.A);
                            var answer = DnsExchange.ask(tunnel, query, ANSWERED_WITHIN);
                            if (!answer.code().equals("NOERROR")) {
                                throw new IOException("answered " + answer.code());
                            }
                        },
                        tunnel);
        return talk.begun();
    }

    /// Opens a TCP tunnel and asks the web server through it, always over the same connection.
    static Talk tcp(PaidTunnels tunnels, TargetTrust trust) throws IOException {
        var connections = new AtomicInteger();
        var client =
                TunnelledHttp.client(
                        target -> {
                            if (connections.getAndIncrement() > 0) {
                                throw new IOException("the tunnel was cut");
                            }
                            return tunnels.openTcp(target);
                        },
                        trust,
                        ANSWERED_WITHIN);
        var talk = new Talk(number -> echo(client, number), () -> TunnelledHttp.close(client));
        return talk.begun();
    }

    private static void echo(OkHttpClient client, int number) throws IOException {
        var request = new Request.Builder().url(ECHO + number).build();
        try (var response = client.newCall(request).execute()) {
            if (!response.body().string().equals("/echo/" + number)) {
                throw new IOException("another echo came back");
            }
        }
    }

    /// The first question is asked before anybody counts on the tunnel.
    private Talk begun() throws IOException {
        question.ask(0);
        Thread.ofVirtual().start(this::run);
        return this;
    }

    private void run() {
        for (int number = 1; !closed; number++) {
            try {
                question.ask(number);
                answers.incrementAndGet();
            } catch (IOException e) {
                if (!closed) {
                    failedAt = Instant.now();
                    failure = e;
                }
                return;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    int answers() {
        return answers.get();
    }

    /// Why and when the tunnel is of no use any more.
    Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    Optional<Instant> failedAt() {
        return Optional.ofNullable(failedAt);
    }

    @Override
    public void close() throws Exception {
        closed = true;
        tunnel.close();
    }
}

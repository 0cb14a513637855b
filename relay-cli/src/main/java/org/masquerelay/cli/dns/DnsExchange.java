package org.masquerelay.cli.dns;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.masquerelay.client.UdpTunnel;

/// Asks a name server through a UDP tunnel, again if a datagram seems lost.
public final class DnsExchange {
    /// As most stub resolvers wait, or longer.
    private static final Duration RETRY = Duration.ofSeconds(1);

    private DnsExchange() {}

    /// The answer with the query's id; others are passed over.
    ///
    /// @throws IOException when the tunnel closes, or nothing came within `timeout`
    public static DnsAnswer ask(UdpTunnel tunnel, byte[] query, Duration timeout)
            throws IOException {
        int id = ((query[0] & 0xff) << 8) | (query[1] & 0xff);
        long start = System.nanoTime();
        long left = timeout.toNanos();
        while (left > 0) {
            tunnel.send(query);
            long retryAt = System.nanoTime() + Math.min(RETRY.toNanos(), left);
            for (long wait = retryAt - System.nanoTime();
                    wait > 0;
                    wait = retryAt - System.nanoTime()) {
                Optional<byte[]> message = tunnel.receive(Duration.ofNanos(wait));
                if (message.isPresent()) {
                    var answer = DnsMessages.answer(message.get());
                    if (answer.id() == id) {
                        return answer;
                    }
                }
            }
            left = timeout.toNanos() - (System.nanoTime() - start);
        }
        throw new IOException(
                "no answer from the name server within " + timeout.toMillis() + " ms");
    }
}

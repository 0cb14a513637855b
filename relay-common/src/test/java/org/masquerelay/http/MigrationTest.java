package org.masquerelay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.RawH3Client;
import org.masquerelay.testkit.UdpForwarder;

/// Clients whose address changes.
@Timeout(60)
final class MigrationTest {
    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    @Test
    void tellsOfAClientThatComesFromElsewhereWithTheSameConnectionId() throws Exception {
        try (var front = TestFront.echoing();
                var nat = new UdpForwarder(front.address());
                var client = RawH3Client.connect(nat.address(), TestFront.clientTls())) {
            for (int move = 1; move <= 3; move++) {
                int moves = move;
                nat.rebind();
                client.request(
                        ":method",
                        "GET",
                        ":scheme",
                        "https",
                        ":authority",
                        "localhost",
                        ":path",
                        "/");
                Await.until("move " + move, () -> front.listener().migrations().size() >= moves);
            }
            assertThat(front.listener().migrations()).containsOnly(false);
        }
    }
}

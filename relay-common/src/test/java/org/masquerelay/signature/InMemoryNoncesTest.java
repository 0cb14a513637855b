package org.masquerelay.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.masquerelay.signature.NonceStore.Claim;

final class InMemoryNoncesTest {
    private Instant now = Instant.ofEpochSecond(1_000);
    private final InMemoryNonces nonces = new InMemoryNonces(3, () -> now);

    private Claim claim(String key, String nonce, long seconds) {
        return nonces.claimNow(key, nonce, now.plusSeconds(seconds));
    }

    @Test
    void aNoncePassesOnceForEachKey() {
        assertThat(claim("a", "n", 10)).isEqualTo(Claim.FRESH);
        assertThat(claim("a", "n", 20)).isEqualTo(Claim.USED);
        assertThat(claim("b", "n", 10)).isEqualTo(Claim.FRESH);
    }

    @Test
    void isForgottenAfterItsTimeAndNotBefore() {
        claim("a", "long", 10);
        claim("a", "short", 5);
        now = now.plusSeconds(5);
        assertThat(claim("a", "short", 5)).isEqualTo(Claim.USED);
        now = now.plusSeconds(1);
        assertThat(claim("a", "short", 5)).isEqualTo(Claim.FRESH);
        assertThat(claim("a", "long", 5)).isEqualTo(Claim.USED);
        assertThat(nonces.size()).isEqualTo(2);
    }

    @Test
    void aNonceWhoseTimeIsOverDoesNotPass() {
        claim("a", "n", 5);
        now = now.plusSeconds(6);
        assertThat(claim("a", "n", -1)).isEqualTo(Claim.USED);
        assertThat(claim("a", "new", -1)).isEqualTo(Claim.USED);
    }

    @Test
    void remembersSoManyOfAKey() {
        for (int i = 0; i < 3; i++) {
            assertThat(claim("a", "n" + i, 10)).isEqualTo(Claim.FRESH);
        }
        assertThat(claim("a", "more", 10)).isEqualTo(Claim.FULL);
        assertThat(claim("a", "n1", 10)).isEqualTo(Claim.USED);
        assertThat(claim("b", "more", 10)).isEqualTo(Claim.FRESH);
    }

    @Test
    void ofManyAtOnceOneWins() throws Exception {
        var wide = new InMemoryNonces(10_000, () -> now);
        try (var threads = Executors.newFixedThreadPool(8)) {
            var tasks = new ArrayList<Callable<Claim>>();
            for (int i = 0; i < 4_000; i++) {
                var nonce = "n" + i / 4;
                tasks.add(() -> wide.claimNow("a", nonce, now));
            }
            int fresh = 0;
            for (var future : threads.invokeAll(tasks)) {
                fresh += future.get() == Claim.FRESH ? 1 : 0;
            }
            assertThat(fresh).isEqualTo(1_000);
        }
        now = now.plusSeconds(1);
        wide.claimNow("a", "last", now);
        assertThat(wide.size()).isEqualTo(1);
    }
}

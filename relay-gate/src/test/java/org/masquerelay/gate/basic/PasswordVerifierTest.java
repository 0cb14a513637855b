package org.masquerelay.gate.basic;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.masquerelay.gate.basic.PasswordVerifier.Outcome;
import org.masquerelay.password.PasswordHash;
import org.masquerelay.tunnel.Tenant;

final class PasswordVerifierTest {
    private static final Optional<InetAddress> CLIENT =
            Optional.of(InetAddress.getLoopbackAddress());
    private static final Outcome ALICE = new Outcome.Right(new Tenant("alice"));
    private static final Outcome WRONG = new Outcome.Wrong();

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
    private final FailureThrottle throttle =
            new FailureThrottle(100, Duration.ofMinutes(1), now::get);
    private final PasswordVerifier verifier =
            new PasswordVerifier(1, Duration.ofMinutes(5), throttle, now::get);

    private CompletableFuture<Outcome> verify(Users users, String name, String password) {
        return verifier.verify(users, new BasicCredentials(name, password), CLIENT)
                .toCompletableFuture();
    }

    private static Outcome await(CompletableFuture<Outcome> answer) throws Exception {
        return answer.get(20, TimeUnit.SECONDS);
    }

    @Test
    void tellsRightFromWrong() throws Exception {
        var users = Users.parse(List.of(Hashes.line("alice", "one"), Hashes.line("bob", "two")));

        assertThat(await(verify(users, "alice", "one"))).isEqualTo(ALICE);
        assertThat(await(verify(users, "alice", "two"))).isEqualTo(WRONG);
        assertThat(await(verify(users, "carol", "one"))).isEqualTo(WRONG);
        assertThat(await(verify(users, "carol", "two"))).isEqualTo(WRONG);
    }

    // One whose cost changes from try to try would be known to be nobody's.
    @Test
    void costsANameThatNobodyHasTheSameEachTime() throws Exception {
        var users = new ArrayList<String>();
        for (int i = 0; i < 20; i++) {
            users.add(Hashes.line("user" + i, "password"));
        }
        var all = Users.parse(users);
        var others = new HashSet<PasswordHash>();
        for (int i = 0; i < 20; i++) {
            String nobody = "nobody" + i;
            assertThat(verifier.hashFor(all, nobody)).isSameAs(verifier.hashFor(all, nobody));
            others.add(verifier.hashFor(all, nobody));
        }
        assertThat(others).hasSizeGreaterThan(1);
        assertThat(verifier.hashFor(all, "user7")).isSameAs(all.find("user7").orElseThrow().hash());
    }

    @Test
    void answersAtOnceForAPasswordThatWasRightLately() throws Exception {
        var users = Users.parse(List.of(Hashes.slowLine("alice", "one")));
        assertThat(await(verify(users, "alice", "one"))).isEqualTo(ALICE);

        assertThat(verify(users, "alice", "one").isDone()).isTrue();
        assertThat(verify(users, "alice", "two").isDone()).isFalse();

        now.set(Instant.EPOCH.plus(Duration.ofMinutes(5)));
        assertThat(verify(users, "alice", "one").isDone()).isFalse();
    }

    @Test
    void forgetsWhatWasRightWithTheUsers() throws Exception {
        var users = Users.parse(List.of(Hashes.slowLine("alice", "one")));
        assertThat(await(verify(users, "alice", "one"))).isEqualTo(ALICE);

        var changed = Users.parse(List.of(Hashes.slowLine("alice", "two")));

        assertThat(await(verify(changed, "alice", "one"))).isEqualTo(WRONG);
    }

    @Test
    void verifiesOnceForAllThatAskAtTheSameTime() throws Exception {
        var users = Users.parse(List.of(Hashes.slowLine("alice", "one")));

        var answers = new ArrayList<CompletableFuture<Outcome>>();
        for (int i = 0; i < 1000; i++) {
            answers.add(verify(users, "alice", "one"));
        }
        // More than may be under way, so that some would be turned away.
        for (var answer : answers) {
            assertThat(await(answer)).isEqualTo(ALICE);
        }
        assertThat(throttle.addresses()).isZero();
    }

    @Test
    void isBusyWithABoundedNumber() throws Exception {
        var users = Users.parse(List.of(Hashes.slowLine("alice", "one")));

        var answers = new ArrayList<CompletableFuture<Outcome>>();
        for (int i = 0; i < 80; i++) {
            answers.add(verify(users, "alice", "guess" + i));
        }
        int wrong = 0;
        int busy = 0;
        for (var answer : answers) {
            var outcome = await(answer);
            wrong += outcome instanceof Outcome.Wrong ? 1 : 0;
            busy += outcome instanceof Outcome.Busy ? 1 : 0;
        }
        assertThat(wrong).isBetween(64, 79);
        assertThat(busy).isEqualTo(80 - wrong);
        assertThat(await(verify(users, "alice", "one"))).isEqualTo(ALICE);
    }

    @Test
    void makesAnAddressWaitThatFailsTooOften() throws Exception {
        var users = Users.parse(List.of(Hashes.line("alice", "one")));
        await(verify(users, "alice", "one"));
        for (int i = 0; i < 100; i++) {
            assertThat(await(verify(users, "nobody", "guess" + i))).isEqualTo(WRONG);
        }

        assertThat(await(verify(users, "alice", "guess")))
                .isEqualTo(new Outcome.Throttled(Duration.ofSeconds(61)));
        // Who has shown before that they know the password is not locked out.
        assertThat(await(verify(users, "alice", "one"))).isEqualTo(ALICE);

        now.set(Instant.EPOCH.plusSeconds(61));
        assertThat(await(verify(users, "alice", "guess"))).isEqualTo(WRONG);
    }
}

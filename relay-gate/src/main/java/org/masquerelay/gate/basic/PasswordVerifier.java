package org.masquerelay.gate.basic;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.masquerelay.password.PasswordHash;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.Tenant;

/// Verifies passwords, which takes about 50 ms each, on virtual threads: so many at a time, so many
/// waiting, and the same one only once.
///
/// What was found right is remembered with its user for a while, as a digest under a key that lives
/// as long as this object.
public final class PasswordVerifier {
    /// Verifications under way, most of them waiting; those behind them would wait for seconds.
    private static final int MAX_UNDER_WAY = 64;

    private static final String DIGEST = "HmacSHA256";
    private static final int KEY_LENGTH = 32;

    private final Semaphore places = new Semaphore(MAX_UNDER_WAY);
    private final Semaphore turns;
    private final Duration memory;
    private final FailureThrottle throttle;
    private final InstantSource clock;
    private final SecretKeySpec key;
    private final ConcurrentHashMap<ImmutableBytes, CompletableFuture<Outcome>> underWay =
            new ConcurrentHashMap<>();

    /// What comes of a verification.
    sealed interface Outcome {
        record Right(Tenant tenant) implements Outcome {}

        record Wrong() implements Outcome {}

        record Busy() implements Outcome {}

        record Throttled(Duration retryAfter) implements Outcome {}
    }

    /// @param atOnce verifications that compute at the same time
    /// @param memory how long a right password costs nothing
    public PasswordVerifier(
            int atOnce, Duration memory, FailureThrottle throttle, InstantSource clock) {
        this.turns = new Semaphore(atOnce);
        this.memory = memory;
        this.throttle = throttle;
        this.clock = clock;
        byte[] secret = new byte[KEY_LENGTH];
        new SecureRandom().nextBytes(secret);
        this.key = new SecretKeySpec(secret, DIGEST);
    }

    /// Answers at once for a password that was right a short while ago. Does not block.
    CompletionStage<Outcome> verify(
            Users users, BasicCredentials presented, Optional<InetAddress> client) {
        // A name has no colon, so no other name and password have the same text.
        var digest = digest(presented.name() + ":" + presented.password());
        var user = users.find(presented.name());
        if (user.isPresent() && user.get().isKnown(digest, clock.instant())) {
            return CompletableFuture.completedStage(new Outcome.Right(user.get().tenant()));
        }
        var mine = new CompletableFuture<Outcome>();
        var others = underWay.putIfAbsent(digest, mine);
        if (others != null) {
            return others;
        }
        if (!places.tryAcquire()) {
            return end(digest, mine, new Outcome.Busy());
        }
        var wait = throttle.begin(client);
        if (wait.isPresent()) {
            places.release();
            return end(digest, mine, new Outcome.Throttled(wait.get()));
        }
        Thread.ofVirtual()
                .name("relay-password")
                .start(() -> {
                    Outcome outcome = new Outcome.Busy();
                    try {
                        outcome = outcome(users, presented, digest);
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    } finally {
                        if (!(outcome instanceof Outcome.Wrong)) {
                            throttle.succeeded(client);
                        }
                        places.release();
                        end(digest, mine, outcome);
                    }
                });
        return mine;
    }

    private Outcome outcome(Users users, BasicCredentials presented, ImmutableBytes digest)
            throws InterruptedException {
        var user = users.find(presented.name());
        var hash = hashFor(users, presented.name());
        boolean matches;
        turns.acquire();
        try {
            matches = hash.matches(presented.password());
        } finally {
            turns.release();
        }
        if (!matches || user.isEmpty()) {
            return new Outcome.Wrong();
        }
        user.get().verified(digest, clock.instant().plus(memory));
        return new Outcome.Right(user.get().tenant());
    }

    /// What a try with this name costs, whoever has it.
    PasswordHash hashFor(Users users, String name) {
        return users.find(name).map(User::hash).orElseGet(() -> users.decoy(digest(name)));
    }

    private CompletionStage<Outcome> end(
            ImmutableBytes digest, CompletableFuture<Outcome> mine, Outcome outcome) {
        underWay.remove(digest, mine);
        mine.complete(outcome);
        return mine;
    }

    private ImmutableBytes digest(String text) {
        try {
            var mac = Mac.getInstance(DIGEST);
            mac.init(key);
            return ImmutableBytes.copyOf(mac.doFinal(text.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(DIGEST + " is missing from this JDK", e);
        }
    }
}

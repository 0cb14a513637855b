package org.masquerelay.gate.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.gate.directory.DirectoryServer.Answer;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.VoprfVerifyingKey;
import org.masquerelay.token.issuance.DirectoryTrust.Policy;
import org.masquerelay.token.issuance.IssuerDirectory;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.springframework.boot.health.contributor.Health;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.HttpResources;

final class FollowedDirectoryTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final IssuerKeyPair OLD = IssuerKeyPair.generate(RANDOM);
    private static final IssuerKeyPair NEW = IssuerKeyPair.generate(RANDOM);
    private static final Policy POLICY =
            new Policy(
                    Duration.ofMillis(50),
                    Duration.ofHours(24),
                    Duration.ofHours(1),
                    Duration.ofDays(7));

    @TempDir static Path home;

    private final List<TrustedIssuer> told = new CopyOnWriteArrayList<>();
    private final List<FollowedDirectory> followed = new ArrayList<>();
    private final Scheduler timer = Schedulers.newSingle("directories", true);
    private DirectoryServer server;
    private Duration timeout = Duration.ofSeconds(20);

    @BeforeEach
    void start() throws Exception {
        server = new DirectoryServer(home);
    }

    @AfterEach
    void stop() {
        followed.forEach(FollowedDirectory::close);
        timer.dispose();
        server.close();
    }

    @Test
    void trustsTheKeysOfTheDirectoryForAsLongAsItSays() throws Exception {
        server.answer(Answer.directory(directory(OLD), "max-age=3600"));

        var one = follow();

        assertThat(begin(one)).isTrue();
        assertThat(told.getLast().name()).isEqualTo("issuer.example");
        assertThat(told.getLast().offered(Instant.now())).containsExactly(OLD.publicKey());
        assertThat(one.keys()).isOne();
        LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
        assertThat(server.requests()).isOne();
    }

    @Test
    void takesUpANewKeyAndKeepsTheOldOneForItsOverlap() throws Exception {
        server.answer(Answer.directory(directory(OLD), "max-age=0"));
        var one = follow();
        begin(one);

        server.answer(Answer.directory(directory(NEW), "max-age=3600"));

        await(() -> one.keys() == 2);
        assertThat(told.getLast().offered(Instant.now())).containsExactly(NEW.publicKey());
        assertThat(keysOf(told.getLast()))
                .containsExactlyInAnyOrder(NEW.publicKey(), OLD.publicKey());
    }

    @Test
    void asksForNoTokenOfAKeyWhoseTimeHasNotCome() throws Exception {
        var future = new IssuerDirectory.Entry(NEW.publicKey(), Instant.now().plusSeconds(3600));
        var usable = IssuerDirectory.Entry.usable(OLD.publicKey());
        server.answer(Answer.directory(directory(future, usable), "max-age=60"));

        begin(follow());

        assertThat(told.getLast().offered(Instant.now())).containsExactly(OLD.publicKey());
        assertThat(keysOf(told.getLast())).contains(NEW.publicKey());
    }

    @Test
    void trustsAKeyThatVerifiesNothingInPublicOnlyWithItsPrivateHalf() throws Exception {
        var voprf = IssuerKeyPair.generate(TokenType.VOPRF, RANDOM);
        server.answer(Answer.directory(directory(voprf), "max-age=60"));

        begin(follow());
        assertThat(keysOf(told.getLast())).isEmpty();

        begin(follow(List.of((VoprfVerifyingKey) voprf.verifyingKey()), server));
        assertThat(keysOf(told.getLast())).containsExactly(voprf.publicKey());
    }

    @Test
    void keepsTheKeysOfAnIssuerThatIsAwayAndComesBackToIt() throws Exception {
        server.answer(Answer.directory(directory(OLD), "max-age=0"));
        var one = follow();
        begin(one);

        server.answer(Answer.status(503));
        await(() -> one.state().failures() > 1);
        assertThat(one.keys()).isOne();
        assertThat(one.state().problem()).hasValue("was answered 503");

        server.answer(Answer.directory(directory(NEW), "max-age=60"));
        await(() -> one.state().failures() == 0);
        assertThat(one.keys()).isEqualTo(2);
    }

    @Test
    void stillComesToAnIssuerThatStayedAwayUntilItsKeysWereStale() throws Exception {
        var soonStale =
                new Policy(
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofHours(1),
                        Duration.ofMillis(500));
        server.answer(Answer.directory(directory(OLD), ""));
        var one = follow(List.of(), server, soonStale);
        begin(one);

        server.answer(Answer.status(503));
        await(() -> one.keys() == 0);
        int before = told.size();
        int requests = server.requests();
        await(() -> server.requests() > requests + 2);
        // Told after each failure, and once when the keys were stale: not again and again.
        assertThat(told.size() - before).isLessThan(20);

        server.answer(Answer.directory(directory(NEW), ""));
        await(() -> one.state().failures() == 0);
        assertThat(told.getLast().offered(Instant.now())).containsExactly(NEW.publicKey());
    }

    @Test
    void goesOnWhileTheTimersThatEverybodySharesStandStill() throws Exception {
        server.answer(Answer.directory(directory(OLD), "max-age=0"));
        var directories = directories("issuer.example", timeout);
        var release = new CountDownLatch(1);
        try (directories) {
            directories.start();
            for (int i = 0; i < Schedulers.DEFAULT_POOL_SIZE; i++) {
                Schedulers.parallel().createWorker().schedule(() -> hold(release));
            }

            server.answer(Answer.directory(directory(NEW), "max-age=60"));
            await(() -> keysOf(told.getLast()).size() == 2);
        } finally {
            release.countDown();
        }
    }

    private static void hold(CountDownLatch until) {
        try {
            until.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // Whatever else in the process uses reactor-netty may dispose of what its clients share.
    @Test
    void goesOnWhenConnectionsAndLoopsAreDisposedOfUnderIt() throws Exception {
        server.answer(Answer.directory(directory(OLD), "max-age=0"));
        var one = follow();
        begin(one);

        for (int i = 0; i < 5; i++) {
            server.answer(
                    Answer.directory(directory(OLD), "max-age=0").after(Duration.ofMillis(200)));
            int before = server.requests();
            await(() -> server.requests() > before);
            HttpResources.disposeLoopsAndConnections();
        }

        server.answer(Answer.directory(directory(NEW), "max-age=0"));
        await(() -> one.keys() == 2);
    }

    @Test
    void comesLessAndLessOftenToAnIssuerThatStaysAway() throws Exception {
        server.answer(Answer.status(500));
        var one = follow();
        begin(one);
        await(() -> one.state().failures() == 7);
        var now = Instant.now();

        // 50 ms six times doubled, less the share that is left to chance and the time until we
        // saw it; five times would be 1600 ms at most.
        assertThat(one.untilRefresh(now)).isGreaterThan(Duration.ofMillis(1600));
    }

    @Test
    void takesNothingForADirectoryThatIsNone() throws Exception {
        var good = Answer.directory(directory(OLD), "max-age=60");
        server.answer(good.ofType("application/json"));
        assertThat(problem()).isEqualTo("is not of type " + IssuerDirectory.MEDIA_TYPE);

        server.answer(Answer.status(302));
        assertThat(problem()).isEqualTo("was answered 302");

        server.answer(Answer.directory("{}".getBytes(StandardCharsets.UTF_8), ""));
        assertThat(problem()).startsWith("cannot be read");

        byte[] tooLong = new byte[100_000];
        Arrays.fill(tooLong, (byte) ' ');
        server.answer(Answer.directory(tooLong, ""));
        assertThat(problem()).startsWith("cannot be fetched");

        timeout = Duration.ofMillis(500);
        server.answer(good.after(Duration.ofSeconds(30)));
        assertThat(problem()).isEqualTo("did not come in time");
        assertThat(told).allSatisfy(issuer -> assertThat(issuer.keys()).isEmpty());
    }

    @Test
    void trustsNoServerThatItsAuthoritiesDoNotSign() throws Exception {
        server.answer(Answer.directory(directory(OLD), "max-age=60"));
        var parts = parts(List.of(), POLICY);
        var fetcher =
                new DirectoryFetcher(server.uri(), Optional.empty(), Duration.ofSeconds(5), timer);
        var one = new FollowedDirectory(parts, fetcher, told::add);
        followed.add(one);

        assertThat(begin(one)).isFalse();
        assertThat(one.keys()).isZero();
        assertThat(server.requests()).isZero();
    }

    @Test
    void trustsNoServerOfAnotherName() throws Exception {
        var authority = ClientCa.root("authority");
        var elsewhere = Client.of("elsewhere.example").with(KeyPurposeId.id_kp_serverAuth);
        var anchors = List.of(authority.certificate());
        try (var other = new DirectoryServer(authority.issue(elsewhere, List.of()), anchors)) {
            other.answer(Answer.directory(directory(OLD), "max-age=60"));
            var one = follow(List.of(), other);

            assertThat(begin(one)).isFalse();
            assertThat(one.keys()).isZero();
            assertThat(other.requests()).isZero();
        }
    }

    @Test
    void showsInHealthWhatIsKnownOfEachIssuer() throws Exception {
        server.answer(Answer.directory(directory(OLD), "max-age=0"));
        var directories = directories("issuer.example", Duration.ofSeconds(2));
        try (directories) {
            assertThat(directories.start()).isEmpty();
            assertThat(health(directories).getStatus().getCode()).isEqualTo("UP");
            assertThat(health(directories).getDetails()).containsKey("issuer.example");

            server.answer(Answer.status(500));
            await(() -> health(directories).getStatus().getCode().equals("DEGRADED"));
        }
        var never = directories("gone.example", Duration.ofSeconds(2));
        try (never) {
            assertThat(never.start()).containsExactly("gone.example was answered 500");
            assertThat(health(never).getStatus().getCode()).isEqualTo("DOWN");
        }
    }

    private IssuerDirectories directories(String issuer, Duration patience) throws Exception {
        var source =
                new IssuerDirectories.Source(
                        issuer, server.uri(), List.of(), Optional.of(server.trust()));
        return new IssuerDirectories(List.of(source), POLICY, patience, told::add);
    }

    private static Health health(IssuerDirectories directories) {
        return Objects.requireNonNull(new IssuersHealthIndicator(directories, false).health());
    }

    private String problem() throws Exception {
        var one = follow();
        assertThat(begin(one)).isFalse();
        one.close();
        return one.state().problem().orElseThrow();
    }

    private FollowedDirectory follow() throws Exception {
        return follow(List.of(), server);
    }

    private FollowedDirectory follow(List<VoprfVerifyingKey> own, DirectoryServer at)
            throws Exception {
        return follow(own, at, POLICY);
    }

    private FollowedDirectory follow(List<VoprfVerifyingKey> own, DirectoryServer at, Policy policy)
            throws Exception {
        var fetcher = new DirectoryFetcher(at.uri(), Optional.of(at.trust()), timeout, timer);
        var one = new FollowedDirectory(parts(own, policy), fetcher, told::add);
        followed.add(one);
        return one;
    }

    private FollowedDirectory.Parts parts(List<VoprfVerifyingKey> own, Policy policy) {
        return new FollowedDirectory.Parts(
                "issuer.example", own, policy, InstantSource.system(), new Random(1), timer);
    }

    private static boolean begin(FollowedDirectory one) {
        return Objects.requireNonNull(one.start().block(Duration.ofSeconds(30)));
    }

    private static List<IssuerKey> keysOf(TrustedIssuer issuer) {
        return issuer.keys().stream().map(key -> key.verifying().publicKey()).toList();
    }

    private static byte[] directory(IssuerKeyPair... pairs) {
        return directory(
                Arrays.stream(pairs)
                        .map(pair -> IssuerDirectory.Entry.usable(pair.publicKey()))
                        .toArray(IssuerDirectory.Entry[]::new));
    }

    private static byte[] directory(IssuerDirectory.Entry... entries) {
        return new IssuerDirectory(URI.create("/token-request"), List.of(entries)).toJson();
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("30 s have passed").isLessThan(end);
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }
}

package org.masquerelay.bench;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.masquerelay.egress.policy.NonPublicNetworks;
import org.masquerelay.token.ChallengeWindows;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.InMemorySpentTokens;
import org.masquerelay.token.SpentTokenStore;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenVerifier;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.PendingToken;
import org.masquerelay.token.issuance.TokenIssuer;
import org.masquerelay.wire.UriTemplate;
import org.masquerelay.wire.WireFormatException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What is done once for every tunnel.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AdmissionBenchmark {
    private static final String PATH = "/.well-known/masque/udp/2001%3Adb8%3A%3A1/443/";
    private static final int CAPACITY = 1000;

    private final ChallengeWindows windows =
            new ChallengeWindows(
                    new ChallengeWindows.Plan(
                            "issuer.example",
                            List.of("relay.example"),
                            Duration.ofDays(1),
                            Duration.ofDays(1)),
                    ImmutableBytes.copyOf(new byte[32]),
                    Clock.systemUTC());
    private final Token token;
    private final TokenVerifier verifier;
    private final SpentTokenStore spent = new InMemorySpentTokens(CAPACITY, windows::isLive);
    private final InetAddress publicV4 = InetAddress.ofLiteral("203.0.114.1");
    private final InetAddress publicV6 = InetAddress.ofLiteral("2606:4700::1111");

    public AdmissionBenchmark() {
        var random = new SecureRandom();
        var key = IssuerKeyPair.generate(random);
        var issuer = TrustedIssuer.of("issuer.example", List.of(key.verifyingKey()));
        verifier = new TokenVerifier(List.of(issuer), windows);
        try {
            var pending = PendingToken.start(windows.current(), key.publicKey(), random);
            var issuance = new TokenIssuer(List.of(key)).issue(pending.request());
            if (!(issuance instanceof TokenIssuer.Issuance.Issued(var response))) {
                throw new IllegalStateException("issuer: refused (expected: a token)");
            }
            token = pending.finish(response.serialise());
        } catch (TokenFormatException e) {
            throw new IllegalStateException("the issuer's own token is malformed", e);
        }
    }

    /// RSA-PSS, at the end of all that a token is checked for.
    @Benchmark
    public TokenVerifier.Verdict verifyToken() {
        return verifier.verify(token);
    }

    @Benchmark
    public boolean isLiveChallenge() {
        return windows.isLive(token.challengeDigest());
    }

    /// Gives the token back each time, so that the store does not fill up.
    @Benchmark
    public boolean reserveAndRelease() {
        var reservation = spent.reserve(token).toCompletableFuture().join();
        if (!(reservation instanceof SpentTokenStore.Reserved held)) {
            throw new IllegalStateException("token: spent (expected: fresh)");
        }
        held.release();
        return true;
    }

    @Benchmark
    public Optional<Map<String, String>> matchTemplate() throws WireFormatException {
        return UriTemplate.UDP.match(PATH);
    }

    @Benchmark
    public boolean isPublicV4() {
        return NonPublicNetworks.isPublic(publicV4);
    }

    @Benchmark
    public boolean isPublicV6() {
        return NonPublicNetworks.isPublic(publicV6);
    }
}

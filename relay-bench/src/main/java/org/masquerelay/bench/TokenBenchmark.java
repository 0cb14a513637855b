package org.masquerelay.bench;

import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.LiveChallenges;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.TokenVerifier;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.PendingToken;
import org.masquerelay.token.issuance.TokenIssuer;
import org.masquerelay.token.issuance.TokenIssuer.Issuance;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a token of each type costs whom: the client twice, its issuer and the relay that takes it
/// once each.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TokenBenchmark {
    @Param({"VOPRF", "BLIND_RSA"})
    TokenType type = TokenType.VOPRF;

    private final SecureRandom random = new SecureRandom();
    private Minted minted = mint(type, random);

    @Setup
    public void mint() {
        minted = mint(type, random);
    }

    /// In the relay, for each tunnel.
    @Benchmark
    public TokenVerifier.Verdict verify() {
        return minted.verifier.verify(minted.token);
    }

    /// At the issuer.
    @Benchmark
    public Issuance issue() {
        return minted.issuer.issue(minted.request);
    }

    /// In the client, before it asks.
    @Benchmark
    public byte[] request() {
        return PendingToken.start(minted.challenge, minted.key.publicKey(), random).request();
    }

    /// In the client, with the answer.
    @Benchmark
    public Token finish() throws TokenFormatException {
        return minted.pending.finish(minted.response);
    }

    private static Minted mint(TokenType type, SecureRandom random) {
        var key = IssuerKeyPair.generate(type, random);
        var challenge = TokenChallenge.of(type, "issuer.example", ImmutableBytes.EMPTY, List.of());
        var pending = PendingToken.start(challenge, key.publicKey(), random);
        var issuer = new TokenIssuer(List.of(key));
        byte[] request = pending.request();
        if (!(issuer.issue(request) instanceof Issuance.Issued(var response))) {
            throw new IllegalStateException("issuer: refused (expected: a token)");
        }
        byte[] answer = response.serialise();
        var trusted = TrustedIssuer.of("issuer.example", List.of(key.verifyingKey()));
        var verifier = new TokenVerifier(List.of(trusted), LiveChallenges.only(challenge));
        try {
            var token = pending.finish(answer);
            return new Minted(key, challenge, pending, request, answer, issuer, verifier, token);
        } catch (TokenFormatException e) {
            throw new IllegalStateException("the issuer's own token is malformed", e);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // Nobody compares or changes it.
    private record Minted(
            IssuerKeyPair key,
            TokenChallenge challenge,
            PendingToken pending,
            byte[] request,
            byte[] response,
            TokenIssuer issuer,
            TokenVerifier verifier,
            Token token) {}
}

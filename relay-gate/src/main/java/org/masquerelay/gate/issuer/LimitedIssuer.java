package org.masquerelay.gate.issuer;

import io.netty.util.concurrent.Ticker;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;
import org.masquerelay.gate.issuer.Attester.Attested;
import org.masquerelay.gate.issuer.Attester.Refused;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResource;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Peer;

/// An issuer that gives each client so many tokens and no more; whoever wants more gets 429 and is
/// told when to come again. The directory is for everybody.
public final class LimitedIssuer implements PlainResource {
    private static final int TOO_MANY_REQUESTS = 429;

    private final Function<PlainRequest, PlainResponse> issuer;
    private final Predicate<PlainRequest> isTokenRequest;
    private final Attester attester;
    private final TokenBuckets buckets;

    /// @param isTokenRequest which requests cost a token
    public LimitedIssuer(
            Function<PlainRequest, PlainResponse> issuer,
            Predicate<PlainRequest> isTokenRequest,
            Attester attester,
            Limit limit) {
        this(issuer, isTokenRequest, attester, limit, Ticker.systemTicker());
    }

    LimitedIssuer(
            Function<PlainRequest, PlainResponse> issuer,
            Predicate<PlainRequest> isTokenRequest,
            Attester attester,
            Limit limit,
            Ticker ticker) {
        this.issuer = issuer;
        this.isTokenRequest = isTokenRequest;
        this.attester = attester;
        this.buckets =
                new TokenBuckets(
                        new TokenBuckets.Rate(limit.tokens, limit.per), limit.clients, ticker);
    }

    /// @param tokens that a client may have at once
    /// @param per in how long it may have as many again
    /// @param clients remembered at a time
    public record Limit(int tokens, Duration per, int clients) {}

    @Override
    public PlainResponse answer(PlainRequest request, Peer peer) {
        if (!isTokenRequest.test(request)) {
            return issuer.apply(request);
        }
        return switch (attester.attest(request, peer)) {
            case Refused(var answer) -> answer;
            case Attested(var client) -> {
                var wait = buckets.take(client);
                yield wait.isZero() ? issuer.apply(request) : comeAgainIn(wait);
            }
        };
    }

    private static PlainResponse comeAgainIn(Duration wait) {
        String seconds = Long.toString(wait.plusMillis(999).toSeconds());
        return new PlainResponse(
                TOO_MANY_REQUESTS, HeaderFields.of("retry-after", seconds), ByteBuffer.allocate(0));
    }
}

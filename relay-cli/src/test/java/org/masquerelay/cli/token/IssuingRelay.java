package org.masquerelay.cli.token;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.LiveChallenges;
import org.masquerelay.token.PrivateTokenChallenge;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.PrivateTokenCredentials;
import org.masquerelay.token.PrivateTokenCredentials.Presented;
import org.masquerelay.token.Token;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.TokenVerifier;
import org.masquerelay.token.TokenVerifier.Verdict;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.issuance.IssuerDirectory;
import org.masquerelay.token.issuance.IssuerKeyPair;
import org.masquerelay.token.issuance.TokenIssuer;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// A relay without a network: asks for tokens, issues them, and opens tunnels to nowhere.
final class IssuingRelay implements Relay {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final IssuerKeyPair KEY = IssuerKeyPair.generate(RANDOM);
    private static final IssuerKeyPair OTHER_KEY = IssuerKeyPair.generate(RANDOM);
    private static final String REQUEST_PATH = "/token-request";

    private final List<HostPort> opened = new ArrayList<>();
    private final List<Token> spent = new ArrayList<>();
    private IssuerKeyPair key = KEY;
    private TokenType type = TokenType.BLIND_RSA;
    private List<String> extraChallenges = List.of();
    private List<IssuerDirectory.Entry> entries =
            List.of(IssuerDirectory.Entry.usable(KEY.publicKey()));
    private boolean namesKey = true;
    private TokenChallenge challenge = challenge();
    private String requestUri = REQUEST_PATH;
    private boolean refusesAll;
    private boolean hasIssuer = true;
    private boolean talksNonsense;
    private int refusals;

    List<HostPort> opened() {
        return opened;
    }

    int refusals() {
        return refusals;
    }

    void changeChallenge() {
        challenge = challenge();
    }

    void changeKey() {
        useKey(OTHER_KEY);
    }

    /// Asks for tokens of this key, and lists it alone.
    void useKey(IssuerKeyPair pair) {
        key = pair;
        type = pair.type();
        entries = List.of(IssuerDirectory.Entry.usable(pair.publicKey()));
        challenge = challenge();
    }

    void list(List<IssuerDirectory.Entry> directory) {
        entries = directory;
    }

    /// Leaves the key to the directory.
    void nameNoKey() {
        namesKey = false;
    }

    /// Sends these before its own challenge.
    void challengeFirst(List<String> challenges) {
        extraChallenges = challenges;
    }

    void moveIssuer(String uri) {
        requestUri = uri;
    }

    void closeIssuer() {
        hasIssuer = false;
    }

    void refuseEverything() {
        refusesAll = true;
    }

    void answerNonsense() {
        talksNonsense = true;
    }

    @Override
    public TcpTunnel openTcp(HostPort target, HeaderFields fields) throws IOException {
        admit(target, fields);
        return new TcpToNowhere();
    }

    @Override
    public UdpTunnel openUdp(HostPort target, HeaderFields fields) throws IOException {
        admit(target, fields);
        return new UdpToNowhere();
    }

    @Override
    public PlainResponse request(String method, String path, HeaderFields fields, byte[] body) {
        if (hasIssuer && method.equals("GET") && path.equals(IssuerDirectory.PATH)) {
            return answer(new IssuerDirectory(URI.create(requestUri), entries).toJson());
        }
        if (hasIssuer && method.equals("POST") && path.equals(REQUEST_PATH)) {
            return issue(body);
        }
        return PlainResponse.empty(404);
    }

    private PlainResponse issue(byte[] body) {
        if (talksNonsense) {
            return answer(new byte[256]);
        }
        return switch (new TokenIssuer(List.of(key)).issue(body)) {
            case TokenIssuer.Issuance.Issued(var response) -> answer(response.serialise());
            case TokenIssuer.Issuance.Refused(var reason) -> PlainResponse.empty(reason.status());
        };
    }

    private void admit(HostPort target, HeaderFields fields) throws TunnelRefusedException {
        var credentials = PrivateTokenCredentials.parse(fields.first("authorization").orElse(""));
        if (refusesAll
                || !(credentials instanceof Presented(var token))
                || spent.contains(token)
                || verifier().verify(token) != Verdict.VALID) {
            refusals++;
            throw new TunnelRefusedException(401, HeaderFields.of("www-authenticate", asked()));
        }
        spent.add(token);
        opened.add(target);
    }

    private String asked() {
        var full = PrivateTokenChallenge.of(challenge, key.publicKey(), Duration.ofMinutes(1));
        var own =
                namesKey
                        ? full
                        : new PrivateTokenChallenge(full.challenge(), ImmutableBytes.EMPTY, null);
        return Stream.concat(extraChallenges.stream(), Stream.of(own.format(ParameterStyle.QUOTED)))
                .collect(Collectors.joining(", "));
    }

    private TokenVerifier verifier() {
        var issuer = TrustedIssuer.of("localhost:4443", List.of(key.verifyingKey()));
        return new TokenVerifier(List.of(issuer), LiveChallenges.only(challenge));
    }

    private TokenChallenge challenge() {
        byte[] context = new byte[32];
        RANDOM.nextBytes(context);
        return TokenChallenge.of(type, "localhost:4443", ImmutableBytes.copyOf(context), List.of());
    }

    private static PlainResponse answer(byte[] body) {
        return new PlainResponse(200, HeaderFields.NONE, ByteBuffer.wrap(body));
    }

    private record TcpToNowhere() implements TcpTunnel {
        @Override
        public InputStream input() {
            return InputStream.nullInputStream();
        }

        @Override
        public OutputStream output() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public void close() {}
    }

    private record UdpToNowhere() implements UdpTunnel {
        @Override
        public void send(byte[] payload) {}

        @Override
        public Optional<byte[]> receive(Duration timeout) {
            return Optional.empty();
        }

        @Override
        public void close() {}
    }
}

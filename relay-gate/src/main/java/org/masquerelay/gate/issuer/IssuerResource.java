package org.masquerelay.gate.issuer;

import java.net.URI;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.Supplier;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResponse;
import org.masquerelay.token.issuance.IssuerDirectory;
import org.masquerelay.token.issuance.IssuerKeySet;
import org.masquerelay.token.issuance.TokenIssuer;
import org.masquerelay.token.issuance.TokenRequest;
import org.masquerelay.token.issuance.TokenResponse;
import org.masquerelay.tunnel.HeaderFields;

/// Answers for an issuer: its directory and token requests ([RFC
/// 9578](https://datatracker.ietf.org/doc/html/rfc9578), sections 4 and 6).
///
/// Anybody gets tokens, and each costs about a millisecond of processor time: an ingress in
/// production has its issuer elsewhere. Not for event loops.
public final class IssuerResource implements Function<PlainRequest, PlainResponse> {
    static final String REQUEST_PATH = "/token-request";

    private static final int UNSUPPORTED_MEDIA_TYPE = 415;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int NOT_FOUND = 404;

    /// What a relay without an issuer answers.
    public static final Function<PlainRequest, PlainResponse> NONE =
            _ -> PlainResponse.empty(NOT_FOUND);

    /// How long a client may keep the directory, unless a key ends sooner.
    private static final Duration MAX_AGE = Duration.ofHours(1);

    private final Supplier<IssuerKeySet> keys;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /// @param keys asked for each request, so that keys can be changed
    public IssuerResource(Supplier<IssuerKeySet> keys, InstantSource clock) {
        this.keys = keys;
        this.clock = clock;
    }

    @Override
    public PlainResponse apply(PlainRequest request) {
        return switch (pathAlone(request.path())) {
            case IssuerDirectory.PATH -> directory(request.method());
            case REQUEST_PATH -> issue(request);
            default -> PlainResponse.empty(NOT_FOUND);
        };
    }

    /// Whether the request is for a token, whatever else is wrong with it.
    public static boolean asksForToken(PlainRequest request) {
        return request.method().equals("POST") && pathAlone(request.path()).equals(REQUEST_PATH);
    }

    private PlainResponse directory(String method) {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return methodNotAllowed("GET, HEAD");
        }
        var now = clock.instant();
        var all = keys.get();
        byte[] body =
                method.equals("HEAD")
                        ? new byte[0]
                        : all.directory(URI.create(REQUEST_PATH), now).toJson();
        String age = "max-age=" + all.maxAge(now, MAX_AGE).toSeconds();
        return response(IssuerDirectory.MEDIA_TYPE, age, body);
    }

    private PlainResponse issue(PlainRequest request) {
        if (!request.method().equals("POST")) {
            return methodNotAllowed("POST");
        }
        if (!isTokenRequest(request.fields())) {
            return PlainResponse.empty(UNSUPPORTED_MEDIA_TYPE);
        }
        byte[] body = new byte[request.body().remaining()];
        request.body().duplicate().get(body);
        var issuer = new TokenIssuer(keys.get().usable(clock.instant()), random);
        return switch (issuer.issue(body)) {
            case TokenIssuer.Issuance.Issued(var issued) ->
                    response(TokenResponse.MEDIA_TYPE, "no-store", issued.serialise());
            case TokenIssuer.Issuance.Refused(var reason) -> PlainResponse.empty(reason.status());
        };
    }

    private static boolean isTokenRequest(HeaderFields fields) {
        String type = fields.first("content-type").orElse("");
        int parameters = type.indexOf(';');
        String bare = parameters < 0 ? type : type.substring(0, parameters);
        return bare.strip().equalsIgnoreCase(TokenRequest.MEDIA_TYPE);
    }

    private static PlainResponse methodNotAllowed(String allowed) {
        return new PlainResponse(
                METHOD_NOT_ALLOWED, HeaderFields.of("allow", allowed), ByteBuffer.allocate(0));
    }

    private static PlainResponse response(String mediaType, String cacheControl, byte[] body) {
        var fields = HeaderFields.of("content-type", mediaType).with("cache-control", cacheControl);
        return new PlainResponse(200, fields, ByteBuffer.wrap(body));
    }

    private static String pathAlone(String path) {
        int query = path.indexOf('?');
        return query < 0 ? path : path.substring(0, query);
    }
}

package org.masquerelay.gate;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.tunnel.TunnelRequest;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.AbstractServerHttpRequest;
import org.springframework.http.server.reactive.SslInfo;
import org.springframework.util.CollectionUtils;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Flux;

/// The head of a tunnel request, as Spring reads requests. It has no body and no cookies.
final class ConnectHttpRequest extends AbstractServerHttpRequest {
    private static final String NO_CONTEXT_PATH = "";

    private final TunnelRequest request;

    private ConnectHttpRequest(TunnelRequest request, URI uri) {
        super(
                HttpMethod.valueOf(request.head().method()),
                uri,
                NO_CONTEXT_PATH,
                headers(request.head().fields()));
        this.request = request;
    }

    /// @throws URISyntaxException if the request names nothing that Spring could match a rule with
    static ConnectHttpRequest of(TunnelRequest request) throws URISyntaxException {
        return new ConnectHttpRequest(request, uri(request.head()));
    }

    /// A classic CONNECT has an authority alone, which a URI could only hold as something opaque.
    private static URI uri(RequestHead head) throws URISyntaxException {
        String authority = head.authority() == null ? "" : head.authority();
        String path = head.path() == null ? "" : head.path();
        return new URI("https://" + authority + path);
    }

    private static HttpHeaders headers(HeaderFields fields) {
        var headers = new HttpHeaders();
        for (var line : fields) {
            headers.add(line.name(), line.value());
        }
        return headers;
    }

    @Override
    public @Nullable InetSocketAddress getRemoteAddress() {
        return request.peer().address() instanceof InetSocketAddress address ? address : null;
    }

    @Override
    public Flux<DataBuffer> getBody() {
        return Flux.empty();
    }

    @Override
    protected MultiValueMap<String, HttpCookie> initCookies() {
        return CollectionUtils.unmodifiableMultiValueMap(new LinkedMultiValueMap<>());
    }

    @Override
    protected @Nullable SslInfo initSslInfo() {
        List<X509Certificate> chain = request.peer().certificates();
        return chain.isEmpty()
                ? null
                : SslInfo.from("", chain.toArray(new X509Certificate[chain.size()]));
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <T> T getNativeRequest() {
        return (T) request;
    }
}

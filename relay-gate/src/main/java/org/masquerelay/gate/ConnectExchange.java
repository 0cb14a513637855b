package org.masquerelay.gate;

import java.net.URISyntaxException;
import java.security.Principal;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.masquerelay.gate.Admission.Credential;
import org.masquerelay.tunnel.TunnelRequest;
import org.springframework.context.ApplicationContext;
import org.springframework.context.i18n.LocaleContext;
import org.springframework.context.i18n.SimpleLocaleContext;
import org.springframework.http.codec.multipart.Part;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebSession;
import reactor.core.publisher.Mono;

/// A tunnel request as Spring's filters see it.
///
/// Filters may be handed a decorated one, so what belongs to the request is in its attributes:
/// [#TUNNEL] holds the [TunnelRequest]. Asking for a session is an error, because sessions would
/// take the request off its event loop.
public final class ConnectExchange implements ServerWebExchange {
    /// The attribute with the [TunnelRequest], for rules about kind, target or peer.
    public static final String TUNNEL = TunnelRequest.class.getName();

    private static final LocaleContext NO_LOCALE = new SimpleLocaleContext(null);

    private final ConnectHttpRequest request;
    private final ConnectHttpResponse response = new ConnectHttpResponse();
    private final Map<String, Object> attributes = new HashMap<>();

    private ConnectExchange(TunnelRequest tunnel) throws URISyntaxException {
        request = ConnectHttpRequest.of(tunnel);
        attributes.put(TUNNEL, tunnel);
    }

    /// @throws URISyntaxException if authority and path are no URI
    static ConnectExchange of(TunnelRequest tunnel) throws URISyntaxException {
        return new ConnectExchange(tunnel);
    }

    /// What its admission costs.
    Credential credential() {
        return attributes.get(Credential.ATTRIBUTE) instanceof Credential held
                ? held
                : Credential.REUSABLE;
    }

    @Override
    public ServerHttpRequest getRequest() {
        return request;
    }

    @Override
    public ConnectHttpResponse getResponse() {
        return response;
    }

    @Override
    public Map<String, Object> getAttributes() {
        return attributes;
    }

    @Override
    public Mono<WebSession> getSession() {
        return Mono.error(new IllegalStateException("A tunnel request has no session"));
    }

    @Override
    public <T extends Principal> Mono<T> getPrincipal() {
        return Mono.empty();
    }

    @Override
    public Mono<MultiValueMap<String, String>> getFormData() {
        return Mono.just(new LinkedMultiValueMap<>());
    }

    @Override
    public Mono<MultiValueMap<String, Part>> getMultipartData() {
        return Mono.just(new LinkedMultiValueMap<>());
    }

    @Override
    public LocaleContext getLocaleContext() {
        return NO_LOCALE;
    }

    @Override
    public @Nullable ApplicationContext getApplicationContext() {
        return null;
    }

    @Override
    public boolean isNotModified() {
        return false;
    }

    @Override
    public boolean checkNotModified(Instant lastModified) {
        return false;
    }

    @Override
    public boolean checkNotModified(String etag) {
        return false;
    }

    @Override
    public boolean checkNotModified(@Nullable String etag, Instant lastModified) {
        return false;
    }

    @Override
    public String transformUrl(String url) {
        return url;
    }

    @Override
    public void addUrlTransformer(Function<String, String> transformer) {
        throw new IllegalStateException("A tunnel request has no URLs to transform");
    }

    @Override
    public String getLogPrefix() {
        return "";
    }
}

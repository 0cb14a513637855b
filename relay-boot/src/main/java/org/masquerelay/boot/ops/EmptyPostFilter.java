package org.masquerelay.boot.ops;

import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/// Lets `curl -X POST` start a drain: endpoints want a media type even of a body that is not there.
final class EmptyPostFilter implements WebFilter {
    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        var request = exchange.getRequest();
        boolean empty =
                request.getMethod().equals(HttpMethod.POST)
                        && request.getHeaders().getContentType() == null
                        && request.getHeaders().getContentLength() <= 0;
        return chain.filter(empty ? withMediaType(exchange) : exchange);
    }

    private static ServerWebExchange withMediaType(ServerWebExchange exchange) {
        return exchange.mutate()
                .request(request ->
                        request.headers(
                                headers -> headers.setContentType(MediaType.APPLICATION_JSON)))
                .build();
    }
}

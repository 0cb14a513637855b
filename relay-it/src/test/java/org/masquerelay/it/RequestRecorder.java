package org.masquerelay.it;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.masquerelay.gate.ConnectExchange;
import org.masquerelay.gate.ConnectSecurityCustomizer;
import org.masquerelay.tunnel.TunnelRequest;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/// Notes all that a relay knows about each request for a tunnel that comes to its gate.
final class RequestRecorder implements ConnectSecurityCustomizer {
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();

    @Override
    public void customize(ServerHttpSecurity http) {
        http.addFilterAt(this::note, SecurityWebFiltersOrder.FIRST);
    }

    private Mono<Void> note(ServerWebExchange exchange, WebFilterChain chain) {
        var attribute = exchange.getAttributes().get(ConnectExchange.TUNNEL);
        if (attribute instanceof TunnelRequest request) {
            requests.add(request.peer().address() + " " + request.head());
            request.head().fields().forEach(line -> requests.add(line.toString()));
        }
        return chain.filter(exchange);
    }

    String text() {
        return String.join("\n", requests);
    }
}

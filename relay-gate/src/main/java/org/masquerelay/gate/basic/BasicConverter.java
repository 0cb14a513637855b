package org.masquerelay.gate.basic;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.masquerelay.gate.CredentialFields;
import org.masquerelay.gate.CredentialsRefusedException;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/// Finds name and password in Authorization or Proxy-Authorization.
final class BasicConverter implements ServerAuthenticationConverter {
    @Override
    public Mono<Authentication> convert(ServerWebExchange exchange) {
        var values = CredentialFields.values(exchange, BasicScheme.AUTH_SCHEME).distinct().toList();
        return switch (values.size()) {
            case 0 -> Mono.empty();
            case 1 ->
                    BasicCredentials.parse(values.getFirst())
                            .<Mono<Authentication>>map(presented ->
                                    Mono.just(new BasicAuthentication(presented, client(exchange))))
                            .orElseGet(() ->
                                    Mono.error(
                                            new CredentialsRefusedException(
                                                    BasicFaults.MALFORMED)));
            default -> Mono.error(new CredentialsRefusedException(BasicFaults.TWO));
        };
    }

    private static Optional<InetAddress> client(ServerWebExchange exchange) {
        return Optional.ofNullable(exchange.getRequest().getRemoteAddress())
                .map(InetSocketAddress::getAddress);
    }
}

package org.masquerelay.gate;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.web.server.WebFilterChainProxy;
import org.springframework.security.web.server.firewall.StrictServerWebExchangeFirewall;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/// Runs a [ConnectSecurityChain] and tells whether the request came out at its end with somebody
/// authenticated.
///
/// Spring's proxy lets a request pass that no chain matches. Here the end of the chain insists on
/// an [Authentication], so that whatever goes wrong before it refuses.
final class ConnectSecurity {
    /// The attribute with the [Authentication]; only the end of the chain sets it.
    private static final String ADMITTED = ConnectSecurity.class.getName() + ".ADMITTED";

    // RFC 9110, section 9.3.6, and RFC 9298, section 3.2: HTTP/1.1 upgrades use GET.
    private static final List<HttpMethod> METHODS =
            List.of(HttpMethod.valueOf("CONNECT"), HttpMethod.GET);

    private final WebFilterChainProxy proxy;

    ConnectSecurity(ConnectSecurityChain chain) {
        this(chain, METHODS);
    }

    ConnectSecurity(ConnectSecurityChain chain, List<HttpMethod> methods) {
        proxy = new WebFilterChainProxy(chain.filters());
        proxy.setFirewall(firewall(methods));
        proxy.setFilterChainDecorator(FilterSequence::new);
    }

    /// Whether the exchange is admitted; if not, its response holds the status and header fields.
    Mono<Boolean> admits(ServerWebExchange exchange) {
        return proxy.filter(exchange, ConnectSecurity::end)
                .then(Mono.fromSupplier(() -> exchange.getAttributes().containsKey(ADMITTED)));
    }

    private static Mono<Void> end(ServerWebExchange exchange) {
        return ReactiveSecurityContextHolder.getContext()
                .mapNotNull(SecurityContext::getAuthentication)
                .filter(ConnectSecurity::isSomebody)
                .doOnNext(somebody -> exchange.getAttributes().put(ADMITTED, somebody))
                .then();
    }

    /// Who came out at the end of the chain, or null while nobody has.
    static @Nullable Object admitted(ServerWebExchange exchange) {
        return exchange.getAttributes().get(ADMITTED);
    }

    private static boolean isSomebody(Authentication authentication) {
        return authentication.isAuthenticated()
                && !(authentication instanceof AnonymousAuthenticationToken);
    }

    /// Strict but for what a target may look like in a path: colons, dots and slashes of addresses
    /// and prefixes are percent-encoded there.
    private static StrictServerWebExchangeFirewall firewall(List<HttpMethod> methods) {
        var firewall = new StrictServerWebExchangeFirewall();
        firewall.setAllowedHttpMethods(methods);
        firewall.setAllowUrlEncodedSlash(true);
        firewall.setAllowUrlEncodedPeriod(true);
        firewall.setAllowUrlEncodedPercent(true);
        Predicate<String> visible = ConnectSecurity::hasNoControls;
        firewall.setAllowedHeaderNames(visible);
        firewall.setAllowedHeaderValues(visible);
        return firewall;
    }

    /// The same for ASCII as Spring's own check, without a regular expression per field.
    ///
    /// @param text null when a filter looks for a field that is not there
    private static boolean hasNoControls(@Nullable String text) {
        if (text == null) {
            return true;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /// The filters one after the other, then the end of the chain.
    ///
    /// Spring's own decorator also records a checkpoint per filter, which costs more than the
    /// rules.
    private record FilterSequence(WebFilterChain end, List<WebFilter> filters, int next)
            implements WebFilterChain {
        FilterSequence(WebFilterChain end, List<WebFilter> filters) {
            this(end, filters, 0);
        }

        @Override
        public Mono<Void> filter(ServerWebExchange exchange) {
            return Mono.defer(() ->
                    next == filters.size()
                            ? end.filter(exchange)
                            : filters.get(next)
                                    .filter(exchange, new FilterSequence(end, filters, next + 1)));
        }
    }
}

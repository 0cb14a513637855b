package org.masquerelay.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.masquerelay.gate.Admission.Credential;
import org.masquerelay.gate.issuer.Attester.Attested;
import org.masquerelay.gate.issuer.Attester.Refused;
import org.masquerelay.gate.issuer.SchemeAttester;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.Tenant;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;

/// A token request before the rules for tunnel requests.
final class SchemeAttesterTest {
    private final SchemeAttester attester =
            new SchemeAttester(new PlainGate(chain(), Duration.ofSeconds(10)));

    @Test
    void namesTheTenantThatASchemeNames() {
        var attestation = attester.attest(request("Name alice"), peer());

        assertThat(attestation).isEqualTo(new Attested("tenant alice"));
    }

    @Test
    void namesTheAddressWhereASchemeNamesNobody() {
        assertThat(attester.attest(request("Name nobody"), peer()))
                .isEqualTo(new Attested("c0000201"));
    }

    @Test
    void refusesWithTheChallengesOfTheSchemes() {
        var attestation = attester.attest(request(""), peer());

        assertThat(attestation).isInstanceOf(Refused.class);
        var answer = ((Refused) attestation).answer();
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.fields().first("www-authenticate")).hasValue("Name realm=\"test\"");
    }

    @Test
    void spendsWhatLetsInAndGivesBackWhatDoesNot() {
        assertThat(settledBy("Name alice")).containsExactly("spent");
        assertThat(settledBy("")).containsExactly("given back");
        assertThat(settledBy("Name fails")).containsExactly("given back");
    }

    /// What becomes of a credential that a filter in front of the schemes has reserved.
    private static List<String> settledBy(String authorization) {
        var settled = new CopyOnWriteArrayList<String>();
        var credential =
                new Credential() {
                    @Override
                    public void spend() {
                        settled.add("spent");
                    }

                    @Override
                    public void giveBack() {
                        settled.add("given back");
                    }
                };
        WebFilter reserving =
                (exchange, next) -> {
                    exchange.getAttributes().put(Credential.ATTRIBUTE, credential);
                    return next.filter(exchange);
                };
        ConnectSecurityCustomizer first =
                http -> http.addFilterAt(reserving, SecurityWebFiltersOrder.FIRST);
        var gate = new PlainGate(rules().chain(ServerHttpSecurity.http(), List.of(first)));
        new SchemeAttester(gate).attest(request(authorization), peer());
        return settled;
    }

    private static GateRules rules() {
        return new GateRules(
                List.of(new NameScheme()), Admit.parse(List.of("name")), ProxyChallenge.CONNECT);
    }

    private static ConnectSecurityChain chain() {
        return rules().chain(ServerHttpSecurity.http(), List.of());
    }

    private static PlainRequest request(String authorization) {
        var fields =
                authorization.isEmpty()
                        ? HeaderFields.NONE
                        : HeaderFields.of("authorization", authorization);
        return new PlainRequest("POST", "/token-request", fields, ByteBuffer.allocate(0));
    }

    private static Peer peer() {
        return new Peer(
                new InetSocketAddress("192.0.2.1", 4711), List.of(), "main", HttpVersion.H3);
    }

    /// Believes whoever says a name.
    private static final class NameScheme implements Scheme {
        @Override
        public String name() {
            return "name";
        }

        @Override
        public ServerAuthenticationConverter converter() {
            return exchange ->
                    Mono.justOrEmpty(exchange.getRequest().getHeaders().getFirst("authorization"))
                            .map(text ->
                                    new UsernamePasswordAuthenticationToken(
                                            text.substring("Name ".length()), ""));
        }

        @Override
        public ReactiveAuthenticationManager manager() {
            return presented ->
                    presented.getName().equals("fails")
                            ? Mono.error(new IllegalStateException("a rule that fails"))
                            : Mono.just(
                                    presented.getName().equals("nobody")
                                            ? TunnelAuthentication.anonymous("name")
                                            : TunnelAuthentication.of(
                                                    "name", new Tenant(presented.getName())));
        }

        @Override
        public List<String> challenges() {
            return List.of("Name realm=\"test\"");
        }
    }
}

package org.masquerelay.ingress.config;

import java.time.InstantSource;
import java.util.function.Function;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.gate.ConnectSecurityChain;
import org.masquerelay.gate.PlainGate;
import org.masquerelay.gate.config.AuthProperties;
import org.masquerelay.gate.issuer.AddressAttester;
import org.masquerelay.gate.issuer.Attester;
import org.masquerelay.gate.issuer.DevelopmentIssuer;
import org.masquerelay.gate.issuer.IssuerProperties.Attest;
import org.masquerelay.gate.issuer.IssuerResource;
import org.masquerelay.gate.issuer.LimitedIssuer;
import org.masquerelay.gate.issuer.LimitedIssuer.Limit;
import org.masquerelay.gate.issuer.SchemeAttester;
import org.masquerelay.gate.token.PrivateTokenScheme;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.http.PlainResource;
import org.masquerelay.http.PlainResponse;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Who gets tokens, and how many.
@Configuration(proxyBeanMethods = false)
public class IssuingConfiguration {
    private static final String ATTEST = "relay.issuer.attest";

    private static final int TOKENS_OF_AN_ISSUER = 60;

    /// Enough for whoever is to have no limit.
    private static final int NO_LIMIT = 1_000_000;

    /// Answers ordinary requests of the data listeners.
    public record PlainRequests(PlainResource answer) {}

    @Bean
    @ConditionalOnMissingBean
    Attester attester(IngressProperties relay, AuthProperties auth, ConnectSecurityChain chain) {
        if (relay.issuer().attest() == Attest.ADDRESS) {
            return new AddressAttester();
        }
        if (auth.admitsAnybody() || auth.admits(PrivateTokenScheme.NAME)) {
            throw new BadSettingException(
                    ATTEST,
                    "is auth although relay.auth.admit lets anybody in, or asks for tokens",
                    "Set relay.auth.admit to schemes that name clients, such as basic or mtls");
        }
        return new SchemeAttester(new PlainGate(chain));
    }

    @Bean
    PlainRequests plainRequests(
            IngressProperties relay, DevelopmentIssuer issuer, Attester attester) {
        if (issuer.keys().isEmpty()) {
            return new PlainRequests((request, _) -> IssuerResource.NONE.apply(request));
        }
        Function<PlainRequest, PlainResponse> resource =
                relay.isIssuer()
                        ? new IssuerResource(issuer.keys().get(), InstantSource.system())
                        : issuer.resource();
        return new PlainRequests(
                new LimitedIssuer(resource, IssuerResource::asksForToken, attester, limit(relay)));
    }

    private static Limit limit(IngressProperties relay) {
        var limit = relay.issuer().limit();
        var tokens = limit.tokens();
        int most = relay.isIssuer() ? TOKENS_OF_AN_ISSUER : NO_LIMIT;
        return new Limit(tokens == null ? most : tokens, limit.per(), limit.clients());
    }
}

package org.masquerelay.gate.jwt;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.ExpiredJWTException;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.masquerelay.gate.CredentialsRefusedException.Why;
import org.masquerelay.tunnel.Tenant;

/// Says of a token whether it is good, and for whom. Takes about 100 microseconds, and waits for
/// nothing.
final class JwtVerifier {
    /// RFC 7519, section 5.1, and RFC 9068, section 2.1; also none.
    private static final Set<JOSEObjectType> TYPES =
            Set.of(
                    JOSEObjectType.JWT,
                    new JOSEObjectType("at+jwt"),
                    new JOSEObjectType("application/at+jwt"));

    private final Set<JWSAlgorithm> algorithms;
    private final String tenantClaim;
    private final DefaultJWTClaimsVerifier<SecurityContext> claims;

    /// What comes of a token.
    sealed interface Verdict {
        record Good(Tenant tenant) implements Verdict {}

        record Bad(Why why) implements Verdict {}
    }

    JwtVerifier(JwtRules rules, InstantSource clock) {
        this.algorithms =
                rules.algorithms().stream()
                        .flatMap(one -> one.names().stream())
                        .collect(Collectors.toUnmodifiableSet());
        this.tenantClaim = rules.tenantClaim();
        var exact = new JWTClaimsSet.Builder();
        rules.issuer().ifPresent(exact::issuer);
        this.claims =
                new DefaultJWTClaimsVerifier<>(
                        rules.audience(), exact.build(), Set.of("exp"), Set.of()) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(clock.instant());
                    }
                };
        claims.setMaxClockSkew((int) rules.clockSkew().toSeconds());
    }

    /// Reads a token as far as it takes to look for its key. Empty for one that can never be good:
    /// without a signature, encrypted, or signed in a way that is not allowed.
    Optional<SignedJWT> read(String value) {
        try {
            var token = SignedJWT.parse(value);
            return isAcceptable(token.getHeader()) ? Optional.of(token) : Optional.empty();
        } catch (ParseException _) {
            return Optional.empty();
        }
    }

    private boolean isAcceptable(JWSHeader header) {
        return (header.getType() == null || TYPES.contains(header.getType()))
                && algorithms.contains(header.getAlgorithm());
    }

    Verdict verify(SignedJWT token, KeySet keys) {
        if (keys.equals(KeySet.NONE)) {
            return new Verdict.Bad(JwtFaults.NO_KEYS);
        }
        if (!keys.has(token.getHeader())) {
            return new Verdict.Bad(JwtFaults.UNKNOWN_KEY);
        }
        if (!keys.verifies(token)) {
            return new Verdict.Bad(JwtFaults.BAD_SIGNATURE);
        }
        try {
            var all = token.getJWTClaimsSet();
            claims.verify(all, null);
            return tenant(all)
                    .<Verdict>map(Verdict.Good::new)
                    .orElseGet(() -> new Verdict.Bad(JwtFaults.NO_TENANT));
        } catch (ExpiredJWTException _) {
            return new Verdict.Bad(JwtFaults.EXPIRED);
        } catch (BadJWTException _) {
            return new Verdict.Bad(JwtFaults.NOT_FOR_US);
        } catch (ParseException _) {
            return new Verdict.Bad(JwtFaults.MALFORMED);
        }
    }

    private Optional<Tenant> tenant(JWTClaimsSet all) {
        @Nullable Object value = all.getClaim(tenantClaim);
        return value instanceof String id && Tenant.isValid(id)
                ? Optional.of(new Tenant(id))
                : Optional.empty();
    }
}

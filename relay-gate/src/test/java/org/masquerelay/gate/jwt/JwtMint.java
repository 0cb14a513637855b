package org.masquerelay.gate.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An authorization server for tests: signs whatever it is told to.
///
/// @param key with its private part, but for Ed25519
public record JwtMint(JWSAlgorithm algorithm, JWK key, @Nullable PrivateKey ed25519) {
    public static final String ISSUER = "https://issuer.example";
    public static final String AUDIENCE = "relay.example";
    public static final String SUBJECT = "alice";

    public static JwtMint of(String algorithm) {
        var name = JWSAlgorithm.parse(algorithm);
        String id = UUID.randomUUID().toString();
        try {
            if (JWSAlgorithm.Family.RSA.contains(name)) {
                return new JwtMint(name, new RSAKeyGenerator(2048).keyID(id).generate(), null);
            }
            if (JWSAlgorithm.Family.EC.contains(name)) {
                var curve = Curve.forJWSAlgorithm(name).iterator().next();
                return new JwtMint(name, new ECKeyGenerator(curve).keyID(id).generate(), null);
            }
            var pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] spki = pair.getPublic().getEncoded();
            var x = Base64URL.encode(Arrays.copyOfRange(spki, spki.length - 32, spki.length));
            var jwk = new OctetKeyPair.Builder(Curve.Ed25519, x).keyID(id).build();
            return new JwtMint(name, jwk, pair.getPrivate());
        } catch (JOSEException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// The JWK set that it publishes.
    public String keys() {
        return new JWKSet(key).toString(true);
    }

    /// A token that is good now.
    public String token() {
        return token(_ -> {});
    }

    /// A token that differs from a good one.
    public String token(Consumer<JWTClaimsSet.Builder> change) {
        var now = Instant.now();
        var claims =
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .audience(AUDIENCE)
                        .subject(SUBJECT)
                        .notBeforeTime(Date.from(now.minusSeconds(1)))
                        .expirationTime(Date.from(now.plusSeconds(3600)));
        change.accept(claims);
        return sign(header().build(), claims.build());
    }

    /// A token that differs from a good one in its header.
    public String tokenWith(Consumer<JWSHeader.Builder> change) {
        var header = header();
        change.accept(header);
        var claims =
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .audience(AUDIENCE)
                        .subject(SUBJECT)
                        .expirationTime(Date.from(Instant.now().plusSeconds(3600)));
        return sign(header.build(), claims.build());
    }

    String critical() {
        return tokenWith(header ->
                header.criticalParams(Set.of("urn:nobody")).customParam("urn:nobody", true));
    }

    private JWSHeader.Builder header() {
        return new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT).keyID(key.getKeyID());
    }

    private String sign(JWSHeader header, JWTClaimsSet claims) {
        var payload = Base64URL.encode(claims.toString());
        String signed = header.toBase64URL() + "." + payload;
        byte[] input = signed.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        try {
            return signed + "." + signature(header, input);
        } catch (JOSEException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private Base64URL signature(JWSHeader header, byte[] input)
            throws JOSEException, GeneralSecurityException {
        return switch (key) {
            case RSAKey rsa -> new RSASSASigner(rsa).sign(header, input);
            case ECKey ec -> new ECDSASigner(ec).sign(header, input);
            default -> {
                var ed = Signature.getInstance("Ed25519");
                ed.initSign(ed25519);
                ed.update(input);
                yield Base64URL.encode(ed.sign());
            }
        };
    }
}

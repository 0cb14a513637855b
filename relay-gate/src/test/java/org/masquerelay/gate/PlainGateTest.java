package org.masquerelay.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.masquerelay.gate.PlainGate.Admitted;
import org.masquerelay.gate.PlainGate.Refused;
import org.masquerelay.gate.signature.MessageSignatureScheme;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.signature.InMemoryNonces;
import org.masquerelay.signature.MessageSigner;
import org.masquerelay.signature.SignatureRequirements;
import org.masquerelay.signature.SignatureVerifier;
import org.masquerelay.signature.SignedMessage;
import org.masquerelay.signature.VerificationKey;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.Peer;
import org.masquerelay.tunnel.Tenant;
import org.springframework.security.config.web.server.ServerHttpSecurity;

/// Ordinary requests before rules that are bound to the authority.
final class PlainGateTest {
    private static final String AUTHORITY = "issuer.example:4443";
    private static final String PATH = "/token-request";
    private static final SignatureRequirements REQUIREMENTS =
            new SignatureRequirements(
                    "relay", Duration.ofMinutes(1), Duration.ofSeconds(5), List.of());

    private final KeyPair keys = keys();
    private final PlainGate gate = new PlainGate(chain(), Duration.ofSeconds(10));

    private static KeyPair keys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private ConnectSecurityChain chain() {
        var key = VerificationKey.of("key", keys.getPublic());
        var verifier =
                new SignatureVerifier(
                        id -> Optional.of(key).filter(one -> one.id().equals(id)),
                        REQUIREMENTS,
                        new InMemoryNonces(10, InstantSource.system()),
                        InstantSource.system());
        var scheme =
                new MessageSignatureScheme(
                        verifier,
                        REQUIREMENTS,
                        Map.of("key", new Tenant("alice")),
                        new SecureRandom());
        return new GateRules(
                        List.of(scheme), Admit.parse(List.of("signature")), ProxyChallenge.CONNECT)
                .chain(ServerHttpSecurity.http(), List.of());
    }

    private HeaderFields signedFor(String authority) throws Exception {
        var signer =
                new MessageSigner(
                        "key",
                        keys.getPrivate(),
                        REQUIREMENTS,
                        Duration.ofSeconds(30),
                        InstantSource.system(),
                        new SecureRandom());
        return signer.sign(
                new SignedMessage.Request("POST", "https", authority, PATH, HeaderFields.NONE));
    }

    private PlainGate.Judgement judge(HeaderFields fields) {
        var peer =
                new Peer(
                        new InetSocketAddress("192.0.2.1", 4711),
                        List.of(),
                        "main",
                        HttpVersion.H3);
        return gate.judge(
                new PlainRequest("POST", AUTHORITY, PATH, fields, ByteBuffer.allocate(0)), peer);
    }

    @Test
    void letsInWhatIsSignedForTheAuthorityItCameTo() throws Exception {
        assertThat(judge(signedFor(AUTHORITY)))
                .isEqualTo(new Admitted(Optional.of(new Tenant("alice"))));
    }

    @Test
    void refusesWhatIsSignedForAnotherAuthority() throws Exception {
        assertThat(judge(signedFor("other.example"))).isInstanceOf(Refused.class);
    }
}

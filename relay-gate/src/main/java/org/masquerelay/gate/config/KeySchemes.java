package org.masquerelay.gate.config;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.concealed.ConcealedKey;
import org.masquerelay.concealed.ConcealedVerifier;
import org.masquerelay.gate.concealed.ConcealedScheme;
import org.masquerelay.gate.signature.MessageSignatureScheme;
import org.masquerelay.signature.ComponentId;
import org.masquerelay.signature.InMemoryNonces;
import org.masquerelay.signature.NonceStore;
import org.masquerelay.signature.SignatureRequirements;
import org.masquerelay.signature.SignatureVerifier;
import org.masquerelay.signature.VerificationKey;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.tunnel.Tenant;
import org.masquerelay.wire.WireFormatException;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/// The schemes of clients that have keys: signed requests and concealed proofs.
@Configuration(proxyBeanMethods = false)
class KeySchemes {
    private static final String SIGNATURE_KEYS = "relay.auth.signature.keys";
    private static final String CONCEALED_KEYS = "relay.auth.concealed.keys";

    /// A nonce is used up, so this scheme comes after those that only look, but before tokens: a
    /// nonce costs nothing.
    private static final int LATE = Integer.MAX_VALUE - 1;

    private static final int EARLY = 0;

    @Bean
    @ConditionalOnMissingBean
    NonceStore nonceStore(AuthProperties auth) {
        return new InMemoryNonces(auth.signature().maxNonces(), InstantSource.system());
    }

    @Bean
    @Order(LATE)
    MessageSignatureScheme messageSignatureScheme(AuthProperties auth, NonceStore nonces) {
        var settings = auth.signature();
        var keys = new ClientKeys(SIGNATURE_KEYS, settings.keys());
        if (auth.admits(MessageSignatureScheme.NAME)) {
            keys.checkSome(MessageSignatureScheme.NAME);
        }
        var known = new HashMap<String, VerificationKey>();
        keys.read(VerificationKey::of).values().forEach(key -> known.put(key.id(), key));
        checkAlgorithms(settings.keys(), known);
        var tenants = new HashMap<String, Tenant>();
        for (int i = 0; i < settings.keys().size(); i++) {
            var id = settings.keys().get(i).id();
            keys.tenant(i).ifPresent(tenant -> tenants.put(id, tenant));
        }
        var requirements =
                new SignatureRequirements(
                        settings.tag(),
                        settings.window(),
                        settings.skew(),
                        components(settings.components()));
        var verifier =
                new SignatureVerifier(
                        id -> Optional.ofNullable(known.get(id)),
                        requirements,
                        nonces,
                        InstantSource.system());
        return new MessageSignatureScheme(verifier, requirements, tenants, new SecureRandom());
    }

    private static void checkAlgorithms(
            List<ClientKeyProperties> keys, Map<String, VerificationKey> known) {
        for (int i = 0; i < keys.size(); i++) {
            var wanted = keys.get(i).algorithm();
            var key = known.get(keys.get(i).id());
            if (key != null && !wanted.isEmpty() && !wanted.equals(key.algorithm().token())) {
                throw new BadSettingException(
                        SIGNATURE_KEYS + "[" + i + "].algorithm",
                        "is not that of its key, " + key.algorithm().token(),
                        "Leave it out, or give another key");
            }
        }
    }

    private static List<ComponentId> components(List<String> texts) {
        var components = new ArrayList<ComponentId>();
        for (int i = 0; i < texts.size(); i++) {
            try {
                components.add(ComponentId.parse(texts.get(i)).checked());
            } catch (WireFormatException e) {
                throw new BadSettingException(
                        "relay.auth.signature.components[" + i + "]",
                        "is no component: " + e.getMessage(),
                        "Write the name of a field in lower case, or one such as @scheme");
            }
        }
        return components;
    }

    @Bean
    @Order(EARLY)
    ConcealedScheme concealedScheme(AuthProperties auth) {
        var settings = auth.concealed();
        var keys = new ClientKeys(CONCEALED_KEYS, settings.keys());
        if (auth.admits(ConcealedScheme.NAME)) {
            keys.checkSome(ConcealedScheme.NAME);
        }
        var read = keys.read((id, key) -> ConcealedKey.of(bytes(id), key));
        checkNotShared(auth, List.copyOf(read.values()));
        var tenants = new HashMap<ImmutableBytes, Tenant>();
        for (int i = 0; i < settings.keys().size(); i++) {
            var id = bytes(settings.keys().get(i).id());
            keys.tenant(i).ifPresent(tenant -> tenants.put(id, tenant));
        }
        return new ConcealedScheme(new ConcealedVerifier(read.values(), settings.realm()), tenants);
    }

    private static ImmutableBytes bytes(String id) {
        return ImmutableBytes.copyOf(id.getBytes(StandardCharsets.UTF_8));
    }

    // RFC 9729, section 8: a key must not be used for anything else.
    private static void checkNotShared(AuthProperties auth, List<ConcealedKey> concealed) {
        var signing = new HashSet<PublicKey>();
        new ClientKeys(SIGNATURE_KEYS, auth.signature().keys())
                .read((_, key) -> key)
                .values()
                .forEach(signing::add);
        for (int i = 0; i < concealed.size(); i++) {
            if (signing.contains(concealed.get(i).key())) {
                throw new BadSettingException(
                        CONCEALED_KEYS + "[" + i + "].key",
                        "is a key for message signatures too",
                        "Give each client a key of its own for each of the two");
            }
        }
    }
}

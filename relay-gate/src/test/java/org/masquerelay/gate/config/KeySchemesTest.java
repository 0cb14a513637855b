package org.masquerelay.gate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.http.Offer.Concealment;
import org.masquerelay.signature.InMemoryNonces;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/// What the settings of client keys may say.
final class KeySchemesTest {
    private static final String KEY = pem("Ed25519");
    private static final String OTHER = pem("Ed25519");

    private final Map<String, String> settings = new LinkedHashMap<>();

    private static String pem(String algorithm) {
        try {
            return pem(KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPublic());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(PublicKey key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    private KeySchemesTest with(String scheme, int index, String id, String key) {
        var prefix = "relay.auth." + scheme + ".keys[" + index + "].";
        settings.put(prefix + "id", id);
        settings.put(prefix + "key", key);
        return this;
    }

    private AuthProperties auth() {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("relay.auth", AuthProperties.class);
    }

    private void make(String scheme) {
        var schemes = new KeySchemes();
        if (scheme.equals("signature")) {
            schemes.messageSignatureScheme(auth(), new InMemoryNonces(1, InstantSource.system()));
        } else {
            schemes.concealedScheme(auth());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"signature", "concealed"})
    void takesKeys(String scheme) {
        settings.put("relay.auth.admit", scheme);
        with(scheme, 0, "a", KEY).with(scheme, 1, "b", OTHER).make(scheme);
    }

    @ParameterizedTest
    @ValueSource(strings = {"signature", "concealed"})
    void needsAKeyWhereTheSchemeIsInForce(String scheme) {
        make(scheme);
        settings.put("relay.auth.admit", "token,mtls + " + scheme);
        assertThatThrownBy(() -> make(scheme)).isInstanceOf(BadSettingException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"signature", "concealed"})
    void refusesTwoKeysWithOneIdentifier(String scheme) {
        with(scheme, 0, "a", KEY).with(scheme, 1, "a", OTHER);
        assertThatThrownBy(() -> make(scheme)).isInstanceOf(BadSettingException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"signature", "concealed"})
    void refusesWhatIsNoKeyToSignWith(String scheme) {
        for (var key :
                new String[] {"no key", "file:/nowhere/key.pem", pem("X25519"), pem("DSA")}) {
            with(scheme, 0, "a", key);
            assertThatThrownBy(() -> make(scheme)).isInstanceOf(BadSettingException.class);
        }
    }

    @Test
    void refusesAnAlgorithmThatIsNotTheKeys() {
        with("signature", 0, "a", KEY);
        settings.put("relay.auth.signature.keys[0].algorithm", "rsa-pss-sha512");
        assertThatThrownBy(() -> make("signature")).isInstanceOf(BadSettingException.class);
        settings.put("relay.auth.signature.keys[0].algorithm", "ed25519");
        make("signature");
    }

    @Test
    void refusesATenantThatIsNoName() {
        with("concealed", 0, "a", KEY);
        settings.put("relay.auth.concealed.keys[0].tenant", "two words");
        assertThatThrownBy(() -> make("concealed")).isInstanceOf(BadSettingException.class);
    }

    @Test
    void refusesOneKeyForBoth() {
        with("signature", 0, "a", KEY).with("concealed", 0, "b", KEY);
        assertThatThrownBy(() -> make("concealed")).isInstanceOf(BadSettingException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"open", "@host", "@status", "User-Agent", "user agent"})
    void refusesAComponentThatIsNone(String component) {
        settings.put("relay.auth.signature.components[0]", component);
        assertThatThrownBy(() -> make("signature")).isInstanceOf(BadSettingException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"@scheme", "user-agent", "\"priority\";key=\"u\""})
    void takesAComponent(String component) {
        settings.put("relay.auth.signature.components[0]", component);
        make("signature");
    }

    @ParameterizedTest
    @CsvSource({
        "token, NONE",
        "concealed, HIDDEN",
        "'concealed,token', ACCEPTED",
        "mtls+concealed, ACCEPTED",
        "anybody, NONE"
    })
    void hidesWhatHasNoOtherScheme(String admit, Concealment concealment) {
        settings.put("relay.auth.admit", admit);
        assertThat(auth().concealment()).isEqualTo(concealment);
    }
}

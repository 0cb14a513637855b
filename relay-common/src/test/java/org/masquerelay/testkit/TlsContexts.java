package org.masquerelay.testkit;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.TlsMaterial;

/// TLS of the JDK from the relay's [TlsMaterial].
public final class TlsContexts {
    private TlsContexts() {}

    public static SSLContext of(TlsMaterial tls) throws IOException {
        try {
            var context = SSLContext.getInstance("TLSv1.3");
            var key = tls.key();
            var keys = key == null ? new KeyManager[0] : new KeyManager[] {new OneKey(tls, key)};
            context.init(keys, trust(tls).getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException failure) {
            throw new IOException("TLS cannot be set up", failure);
        }
    }

    private static TrustManagerFactory trust(TlsMaterial tls)
            throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        for (int i = 0; i < tls.anchors().size(); i++) {
            store.setCertificateEntry("anchor" + i, tls.anchors().get(i));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust;
    }

    /// Shows its certificate even to a peer that names other authorities; the JDK's own would
    /// rather show none.
    private static final class OneKey extends X509ExtendedKeyManager {
        private static final String ALIAS = "key";

        private final TlsMaterial tls;
        private final PrivateKey key;

        OneKey(TlsMaterial tls, PrivateKey key) {
            this.tls = tls;
            this.key = key;
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return tls.chain().toArray(new X509Certificate[0]);
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return choose(keyTypes);
        }

        @Override
        public @Nullable String chooseEngineClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return choose(keyTypes);
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return choose(keyType);
        }

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return choose(keyType);
        }

        @Override
        public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        private @Nullable String choose(String... keyTypes) {
            for (var type : keyTypes) {
                if (type.equals(key.getAlgorithm())) {
                    return ALIAS;
                }
            }
            return null;
        }
    }
}

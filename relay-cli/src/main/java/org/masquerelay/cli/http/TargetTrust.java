package org.masquerelay.cli.http;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/// Which certificates of targets are believed.
public sealed interface TargetTrust {
    /// Those that this Java believes.
    record Public() implements TargetTrust {}

    /// Those signed by one of these.
    record Only(List<X509Certificate> anchors) implements TargetTrust {
        public Only {
            anchors = List.copyOf(anchors);
        }
    }

    /// Any, whatever name it carries: the user has asked for no protection.
    record Anything() implements TargetTrust {}

    default X509TrustManager manager() throws IOException {
        try {
            return switch (this) {
                case Public() -> managerOf(null);
                case Only(var anchors) -> managerOf(storeOf(anchors));
                case Anything() -> new Unverified();
            };
        } catch (GeneralSecurityException e) {
            throw new IOException("these certificates cannot be trusted: " + e.getMessage(), e);
        }
    }

    /// TLS sockets that believe what `manager` does.
    static SSLSocketFactory sockets(X509TrustManager manager) throws IOException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {manager}, null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IOException("this Java has no TLS", e);
        }
    }

    private static X509TrustManager managerOf(@org.jspecify.annotations.Nullable KeyStore store)
            throws GeneralSecurityException {
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (var manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("no manager for X.509");
    }

    private static KeyStore storeOf(List<X509Certificate> anchors)
            throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < anchors.size(); i++) {
            store.setCertificateEntry("anchor-" + i, anchors.get(i));
        }
        return store;
    }

    /// Believes everything. The extended class, because only that switches off the name check that
    /// the JDK would add to a plain one.
    final class Unverified extends X509ExtendedTrustManager {
        private static final X509Certificate[] NONE = {};

        private Unverified() {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return NONE;
        }
    }
}

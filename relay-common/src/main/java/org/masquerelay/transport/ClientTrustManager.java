package org.masquerelay.transport;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// What a listener's TLS asks about a client's certificate.
///
/// Where certificates are required, one that is not taken fails the handshake. Where they are
/// wanted, every handshake goes on, the client has proved that it holds the key, and
/// [ShownCertificates] says afterwards whether the certificate counts.
final class ClientTrustManager extends X509ExtendedTrustManager {
    private final ClientTrust trust;
    private final boolean required;

    ClientTrustManager(ClientTrust trust, boolean required) {
        this.trust = trust;
        this.required = required;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        if (required) {
            trust.check(List.of(chain));
        }
    }

    @Override
    public void checkClientTrusted(
            X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(
            X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw new CertificateException("servers are not asked for here");
    }

    @Override
    public void checkServerTrusted(
            X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(
            X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    /// The authorities that the client is told of (RFC 8446, section 4.2.4).
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trust.anchors().toArray(X509Certificate[]::new);
    }
}

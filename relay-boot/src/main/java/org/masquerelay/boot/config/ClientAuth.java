package org.masquerelay.boot.config;

import org.masquerelay.http.FrontSettings.ClientCertificates;

/// Whether a listener asks clients for a certificate.
public enum ClientAuth {
    NONE(ClientCertificates.IGNORED),
    WANT(ClientCertificates.WANTED),
    REQUIRE(ClientCertificates.REQUIRED);

    private final ClientCertificates certificates;

    ClientAuth(ClientCertificates certificates) {
        this.certificates = certificates;
    }

    ClientCertificates certificates() {
        return certificates;
    }
}

package org.masquerelay.client.credentials;

import java.util.Optional;
import org.masquerelay.concealed.ConcealedSigner;
import org.masquerelay.concealed.RequestOrigin;
import org.masquerelay.http.RequestCredentials;
import org.masquerelay.transport.KeyExport;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;

/// The proof of a key for the connection that carries the request ([RFC
/// 9729](https://datatracker.ietf.org/doc/html/rfc9729)).
public record ConcealedProof(ConcealedSigner signer) implements RequestCredentials {
    @Override
    public Optional<HeaderFields> on(RequestHead request, Line line) {
        return line.exporter()
                .get()
                .flatMap(exporter ->
                        RequestOrigin.of(request)
                                .flatMap(origin -> signer.authorization(exporter, origin)))
                .flatMap(value -> CredentialField.add(request, value));
    }

    @Override
    public KeyExport keyExport() {
        return KeyExport.ON;
    }
}

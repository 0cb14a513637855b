package org.masquerelay.client.credentials;

import java.util.Optional;
import org.masquerelay.http.RequestCredentials;
import org.masquerelay.signature.MessageSigner;
import org.masquerelay.signature.SignatureFaultException;
import org.masquerelay.signature.SignedMessage;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;

/// A signature of each request ([RFC 9421](https://datatracker.ietf.org/doc/html/rfc9421)), with a
/// nonce of its own. It stands last, so that it can cover all other fields.
public record SignedRequests(MessageSigner signer) implements RequestCredentials {
    @Override
    public Optional<HeaderFields> on(RequestHead request, Line line) {
        try {
            return Optional.of(signer.sign(SignedMessage.of(request, line.version())));
        } catch (SignatureFaultException _) {
            return Optional.empty(); // The request lacks a field that has to be covered.
        }
    }
}

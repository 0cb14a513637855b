package org.masquerelay.token.issuance;

import java.security.SecureRandom;
import java.util.Arrays;
import org.masquerelay.token.BlindRsaKey;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.Token;
import org.masquerelay.token.Token.AuthenticatorInput;
import org.masquerelay.token.TokenChallenge;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenFormatException.Fault;
import org.masquerelay.token.VoprfKey;
import org.masquerelay.token.voprf.BlindedInput;
import org.masquerelay.token.voprf.VoprfException;

/// A token between the client's request and the issuer's response.
///
/// Immutable; finishing it twice gives the same token.
public final class PendingToken {
    private final IssuerKey issuerKey;
    private final AuthenticatorInput input;
    private final Blinding blinding;

    private PendingToken(IssuerKey issuerKey, AuthenticatorInput input, Blinding blinding) {
        this.issuerKey = issuerKey;
        this.input = input;
        this.blinding = blinding;
    }

    /// Draws the nonce, then what hides the message: salt and factor, or a scalar.
    ///
    /// @throws IllegalArgumentException when the challenge asks for another type than the key's
    public static PendingToken start(
            TokenChallenge challenge, IssuerKey issuerKey, SecureRandom random) {
        if (challenge.tokenType() != issuerKey.type().code()) {
            throw new IllegalArgumentException(
                    "issuer key: for "
                            + issuerKey.type()
                            + " (expected: token type "
                            + challenge.tokenType()
                            + ")");
        }
        return start(challenge.digest(), issuerKey, random);
    }

    static PendingToken start(
            ImmutableBytes challengeDigest, IssuerKey issuerKey, SecureRandom random) {
        byte[] nonce = new byte[Token.NONCE_LENGTH];
        random.nextBytes(nonce);
        var input =
                new AuthenticatorInput(
                        issuerKey.type(),
                        ImmutableBytes.copyOf(nonce),
                        challengeDigest,
                        issuerKey.tokenKeyId());
        var blinding =
                switch (issuerKey) {
                    case BlindRsaKey rsa -> RsaBlinding.of(rsa, input.serialise(), random);
                    case VoprfKey voprf -> VoprfBlinding.of(voprf, input.serialise(), random);
                };
        return new PendingToken(issuerKey, input, blinding);
    }

    /// What to send to the issuer, as [TokenRequest#MEDIA_TYPE].
    public byte[] request() {
        return new TokenRequest(
                        issuerKey.type(),
                        issuerKey.truncatedTokenKeyId(),
                        ImmutableBytes.copyOf(blinding.message()))
                .serialise();
    }

    /// Makes the token, if the response is what the issuer's key makes of the request.
    public Token finish(byte[] response) throws TokenFormatException {
        var parsed = TokenResponse.parse(issuerKey.type(), response);
        return input.with(blinding.authenticator(parsed.serialise()));
    }

    private sealed interface Blinding {
        byte[] message();

        byte[] authenticator(byte[] response) throws TokenFormatException;
    }

    private record RsaBlinding(BlindRsaKey key, ImmutableBytes input, BlindRsa.Blinded blinded)
            implements Blinding {

        static RsaBlinding of(BlindRsaKey key, byte[] input, SecureRandom random) {
            var blinded = BlindRsa.blind(key.rsa(), input, random);
            return new RsaBlinding(key, ImmutableBytes.copyOf(input), blinded);
        }

        @Override
        public byte[] message() {
            return blinded.message();
        }

        @Override
        public byte[] authenticator(byte[] response) throws TokenFormatException {
            return BlindRsa.unblind(key.rsa(), input.toArray(), response, blinded.inverse());
        }
    }

    private record VoprfBlinding(VoprfKey key, BlindedInput blinded) implements Blinding {

        static VoprfBlinding of(VoprfKey key, byte[] input, SecureRandom random) {
            try {
                return new VoprfBlinding(key, BlindedInput.of(input, random));
            } catch (VoprfException e) {
                throw new IllegalStateException("a nonce that nobody can find was found", e);
            }
        }

        @Override
        public byte[] message() {
            return blinded.element();
        }

        @Override
        public byte[] authenticator(byte[] response) throws TokenFormatException {
            int proofAt = BlindedInput.ELEMENT_LENGTH;
            try {
                return blinded.finish(
                        key.voprf(),
                        Arrays.copyOf(response, proofAt),
                        Arrays.copyOfRange(response, proofAt, response.length));
            } catch (VoprfException e) {
                throw new TokenFormatException(
                        switch (e.fault()) {
                            case ELEMENT, INPUT -> Fault.ELEMENT;
                            case SCALAR, PROOF -> Fault.PROOF;
                        });
            }
        }
    }
}

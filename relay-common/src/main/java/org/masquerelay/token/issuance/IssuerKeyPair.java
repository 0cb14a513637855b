package org.masquerelay.token.issuance;

import java.security.SecureRandom;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.IssuerKey;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.TokenType;
import org.masquerelay.token.VerifyingKey;

/// The private key of an issuer with its public half, used for nothing else. Immutable; any thread.
public sealed interface IssuerKeyPair permits BlindRsaKeyPair, VoprfKeyPair {

    /// An RSA key takes some hundred milliseconds.
    static IssuerKeyPair generate(TokenType type, SecureRandom random) {
        return switch (type) {
            case VOPRF -> VoprfKeyPair.generate(random);
            case BLIND_RSA -> BlindRsaKeyPair.generate(random);
        };
    }

    /// A key of publicly verifiable tokens.
    static IssuerKeyPair generate(SecureRandom random) {
        return generate(TokenType.BLIND_RSA, random);
    }

    /// Reads an unencrypted PKCS#8 key and tries it; its algorithm says for which type it is.
    static IssuerKeyPair parsePkcs8(byte[] der) throws TokenFormatException {
        var voprf = VoprfKeyPair.parsePkcs8(der);
        return voprf.isPresent() ? voprf.get() : BlindRsaKeyPair.parsePkcs8(der);
    }

    /// PKCS#8 that every tool reads.
    byte[] toPkcs8();

    IssuerKey publicKey();

    /// What an origin needs to redeem the tokens of this key.
    VerifyingKey verifyingKey();

    /// Answers a blinded message.
    ///
    /// @throws TokenFormatException when the message is not one of the group
    TokenResponse blindSign(ImmutableBytes blindedMessage, SecureRandom random)
            throws TokenFormatException;

    default TokenType type() {
        return publicKey().type();
    }
}

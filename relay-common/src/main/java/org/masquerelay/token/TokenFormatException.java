package org.masquerelay.token;

/// What a peer, an issuer or a file handed over is not what the format demands.
///
/// It has no stack trace: a peer can cause as many of these as it likes. Its text never quotes the
/// input.
public final class TokenFormatException extends Exception {
    private final Fault fault;

    public TokenFormatException(Fault fault) {
        super(fault.text(), null, false, false);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }

    /// Everything that can be wrong with the bytes and texts of this package.
    public enum Fault {
        TRUNCATED("the structure ends before its last field"),
        TRAILING_BYTES("bytes follow the end of the structure"),
        WRONG_LENGTH("the structure does not have the length of its token type"),
        WRONG_TOKEN_TYPE("the token type is neither 0x0001 nor 0x0002"),
        ISSUER_NAME("the issuer name is not 1 to 65535 printable ASCII characters"),
        REDEMPTION_CONTEXT("the redemption context has neither 0 nor 32 bytes"),
        ORIGIN_INFO(
                "the origin info is not a list of printable ASCII names of at most 65535 characters"),
        BASE64("the value is not base64url"),
        AUTH_SYNTAX("the field is not a list of authentication schemes with parameters"),
        AUTH_TOO_LARGE("the authentication field is longer, or has more parts, than is accepted"),
        NO_TOKEN("the PrivateToken credentials carry no token parameter"),
        MAX_AGE("max-age is not a number of seconds"),
        ISSUER_KEY(
                "the issuer key is not an id-RSASSA-PSS key with SHA-384, MGF1 with SHA-384 and salt length 48"),
        KEY_SIZE(
                "the RSA key does not have a 2048-bit modulus and an odd public exponent from 65537 to 2^64"),
        ELEMENT("the element is not a compressed point of P-384 other than infinity"),
        PRIVATE_KEY(
                "the private key is neither a consistent RSA key with public exponent 65537 nor a key on P-384, in unencrypted PKCS#8"),
        KEY_FILE(
                "the key file does not hold private keys that requests tell apart, each with times in ISO 8601 from which and until which it is used"),
        DIRECTORY("the issuer directory is not the JSON object of RFC 9578, section 4"),
        BLINDED_MESSAGE("the blinded message is not smaller than the modulus"),
        SIGNATURE("the issuer's response does not make a valid signature"),
        PROOF("the issuer's response does not prove that it was made with the issuer's key");

        private final String text;

        Fault(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }
}

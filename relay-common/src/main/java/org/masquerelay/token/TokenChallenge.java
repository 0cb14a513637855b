package org.masquerelay.token;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.token.TokenFormatException.Fault;

/// What an origin asks for: a token of one type, from one issuer, for one context
/// (`TokenChallenge`, [RFC 9577, section
/// 2.1.1](https://datatracker.ietf.org/doc/html/rfc9577#section-2.1.1)).
///
/// ```text
/// uint16_t token_type;
/// opaque issuer_name<1..2^16-1>;
/// opaque redemption_context<0..32>;
/// opaque origin_info<0..2^16-1>;
/// ```
///
/// An empty `originInfo` asks for a token that any origin may redeem.
public record TokenChallenge(
        int tokenType,
        String issuerName,
        ImmutableBytes redemptionContext,
        List<String> originInfo) {
    private static final int MAX_NAME_LENGTH = 0xffff;
    private static final int CONTEXT_LENGTH = 32;

    public TokenChallenge {
        originInfo = List.copyOf(originInfo);
        var fault = faultIn(issuerName, redemptionContext, originInfo);
        if (tokenType < 0 || tokenType > 0xffff || fault != null) {
            throw new IllegalArgumentException(
                    fault == null
                            ? "token type: " + tokenType + " (expected: a u16)"
                            : fault.text());
        }
    }

    public static TokenChallenge of(
            TokenType type,
            String issuerName,
            ImmutableBytes redemptionContext,
            List<String> originInfo) {
        return new TokenChallenge(type.code(), issuerName, redemptionContext, originInfo);
    }

    /// A challenge for a publicly verifiable token.
    public static TokenChallenge blindRsa(
            String issuerName, ImmutableBytes redemptionContext, List<String> originInfo) {
        return of(TokenType.BLIND_RSA, issuerName, redemptionContext, originInfo);
    }

    public static TokenChallenge parse(byte[] wire) throws TokenFormatException {
        var in = ByteBuffer.wrap(wire);
        try {
            int tokenType = Short.toUnsignedInt(in.getShort());
            String issuerName = text(in, Short.toUnsignedInt(in.getShort()));
            byte[] context = new byte[Byte.toUnsignedInt(in.get())];
            in.get(context);
            String origins = text(in, Short.toUnsignedInt(in.getShort()));
            if (in.hasRemaining()) {
                throw new TokenFormatException(Fault.TRAILING_BYTES);
            }
            return checked(tokenType, issuerName, ImmutableBytes.copyOf(context), namesIn(origins));
        } catch (BufferUnderflowException e) {
            throw new TokenFormatException(Fault.TRUNCATED);
        }
    }

    public byte[] serialise() {
        byte[] issuer = issuerName.getBytes(StandardCharsets.US_ASCII);
        byte[] origins = String.join(",", originInfo).getBytes(StandardCharsets.US_ASCII);
        int length = 2 + 2 + issuer.length + 1 + redemptionContext.length() + 2 + origins.length;
        return ByteBuffer.allocate(length)
                .putShort((short) tokenType)
                .putShort((short) issuer.length)
                .put(issuer)
                .put((byte) redemptionContext.length())
                .put(redemptionContext.toArray())
                .putShort((short) origins.length)
                .put(origins)
                .array();
    }

    /// The `challenge_digest` of every token made for this challenge.
    public ImmutableBytes digest() {
        return ImmutableBytes.sha256Of(serialise());
    }

    /// Whether a client may answer this challenge to the origin of that name.
    public boolean allows(String originName) {
        // RFC 9577, section 2.1.3: names are compared without regard to case.
        return originInfo.isEmpty() || originInfo.stream().anyMatch(originName::equalsIgnoreCase);
    }

    private static String text(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static List<String> namesIn(String origins) {
        return origins.isEmpty() ? List.of() : List.of(origins.split(",", -1));
    }

    private static TokenChallenge checked(
            int tokenType, String issuerName, ImmutableBytes context, List<String> origins)
            throws TokenFormatException {
        var fault = faultIn(issuerName, context, origins);
        if (fault != null) {
            throw new TokenFormatException(fault);
        }
        return new TokenChallenge(tokenType, issuerName, context, origins);
    }

    private static @Nullable Fault faultIn(
            String issuerName, ImmutableBytes context, List<String> origins) {
        if (issuerName.length() > MAX_NAME_LENGTH || !isPrintable(issuerName)) {
            return Fault.ISSUER_NAME;
        }
        if (context.length() != 0 && context.length() != CONTEXT_LENGTH) {
            return Fault.REDEMPTION_CONTEXT;
        }
        boolean named = origins.stream().allMatch(name -> isPrintable(name) && !name.contains(","));
        int commas = Math.max(0, origins.size() - 1);
        int length = origins.stream().mapToInt(String::length).sum() + commas;
        return named && length <= MAX_NAME_LENGTH ? null : Fault.ORIGIN_INFO;
    }

    private static boolean isPrintable(String name) {
        return !name.isEmpty() && name.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    }
}

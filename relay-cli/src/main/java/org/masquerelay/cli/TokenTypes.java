package org.masquerelay.cli;

import org.masquerelay.token.TokenType;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Token types on the command line: `1` or `0x0001`, `2` or `0x0002`.
final class TokenTypes implements ITypeConverter<TokenType> {
    @Override
    public TokenType convert(String text) {
        try {
            return TokenType.of(Integer.decode(text)).orElseThrow(() -> unknown(text));
        } catch (NumberFormatException e) {
            throw unknown(text);
        }
    }

    private static TypeConversionException unknown(String text) {
        return new TypeConversionException(
                "'" + text + "' is no token type: it is 2 (blind RSA) or 1 (VOPRF)");
    }
}

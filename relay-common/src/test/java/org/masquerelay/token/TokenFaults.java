package org.masquerelay.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.masquerelay.token.TokenFormatException.Fault;

/// Asserts about refusals.
public final class TokenFaults {
    private TokenFaults() {}

    public static void assertFault(Fault expected, ThrowingCallable parse) {
        assertThatExceptionOfType(TokenFormatException.class)
                .isThrownBy(parse)
                .satisfies(e -> assertThat(e.fault()).isEqualTo(expected));
    }

    public static void assertRefused(String what, ThrowingCallable parse) {
        assertThatExceptionOfType(TokenFormatException.class).as(what).isThrownBy(parse);
    }
}

package org.masquerelay.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class WireFormatExceptionTest {

    @Test
    void hasNoStackTrace() {
        assertThat(new WireFormatException("broken").getStackTrace()).isEmpty();
    }

    @Test
    void escapesAndShortensWhatThePeerSent() {
        String sent = "a\r\nb\u00e9\u0000" + "x".repeat(10_000);
        assertThat(new WireFormatException("no good", sent))
                .hasMessage("no good: 'a??b??" + "x".repeat(18) + "...'");
    }
}

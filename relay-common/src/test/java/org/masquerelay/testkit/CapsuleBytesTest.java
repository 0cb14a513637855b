package org.masquerelay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.masquerelay.testkit.RawBytes.hex;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class CapsuleBytesTest {
    @Test
    void writesCapsules() {
        assertThat(CapsuleBytes.capsule(0x17, hex("0102"))).isEqualTo(hex("17020102"));
        assertThat(CapsuleBytes.capsule(0x40, hex(""))).isEqualTo(hex("404000"));
        assertThat(CapsuleBytes.header(0, 0x4000)).isEqualTo(hex("0080004000"));
        assertThat(CapsuleBytes.udp(hex("aa"))).isEqualTo(hex("000200aa"));
        assertThat(CapsuleBytes.datagram(0x40, hex("aa"))).isEqualTo(hex("00034040aa"));
    }

    // The four encodings of 37 in RFC 9000, appendix A.1, and their like.
    @Test
    void writesIntegersLongerThanNeeded() {
        assertThat(CapsuleBytes.varintOf(1, 37)).isEqualTo(hex("25"));
        assertThat(CapsuleBytes.varintOf(2, 37)).isEqualTo(hex("4025"));
        assertThat(CapsuleBytes.varintOf(4, 37)).isEqualTo(hex("80000025"));
        assertThat(CapsuleBytes.varintOf(8, 37)).isEqualTo(hex("c000000000000025"));
        assertThat(CapsuleBytes.varintOf(8, 151_288_809_941_952_652L))
                .isEqualTo(hex("c2197c5eff14e88c"));
    }

    @Test
    void readsCapsules() {
        var capsules = CapsuleBytes.parse(hex("17020102" + "00034040aa" + "404000"));
        assertThat(capsules)
                .extracting(CapsuleBytes.Capsule::type)
                .containsExactly(0x17L, 0x00L, 0x40L);
        assertThat(capsules.get(0).value()).isEqualTo(hex("0102"));
        assertThat(capsules.get(1).datagram().contextId()).isEqualTo(0x40);
        assertThat(capsules.get(1).datagram().payload()).isEqualTo(hex("aa"));
        assertThat(capsules.get(2).value()).isEmpty();
        assertThatThrownBy(() -> capsules.get(0).datagram()).isInstanceOf(AssertionError.class);
    }

    @Test
    void refusesEveryPrefix() {
        var whole = hex("4040" + "03" + "0102ff");
        assertThat(CapsuleBytes.parse(whole)).hasSize(1);
        for (int length = 1; length < whole.length; length++) {
            var prefix = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> CapsuleBytes.parse(prefix))
                    .as("%d bytes", length)
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void readsFromAStream() throws IOException {
        var in = new ByteArrayInputStream(hex("000200aa" + "bb"));
        assertThat(CapsuleBytes.read(in::readNBytes).datagram().payload()).isEqualTo(hex("aa"));
        assertThat(in.readAllBytes()).isEqualTo(hex("bb"));
    }
}

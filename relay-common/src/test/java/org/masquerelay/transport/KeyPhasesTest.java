package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeyPhasesTest {
    private static final int ID_LENGTH = 8;
    private static final byte[] KEY = HexFormat.of().parseHex("9f50449e04a0e810283a1e9933adedd2");

    private final RandomGenerator random = new SplittableRandom(9001);
    private final HeaderProtection protection = HeaderProtection.aes(KEY);
    private final KeyPhases phases = new KeyPhases(HeaderProtection.aes(KEY), ID_LENGTH);

    /// A packet with random content, behind `before` bytes of the datagram.
    private ByteBuf packet(int before, long number, int numberBytes, boolean phase) {
        var content = new byte[before + 1 + ID_LENGTH + numberBytes + 40];
        random.nextBytes(content);
        var sample = new byte[HeaderProtection.SAMPLE_BYTES];
        System.arraycopy(content, before + 1 + ID_LENGTH + 4, sample, 0, sample.length);
        // Four bytes at most are masked before the sample, so that it is final.
        var mask = protection.mask(sample);
        int first = 0x40 | (random.nextInt() & 0x20) | (phase ? 4 : 0) | (numberBytes - 1);
        content[before] = (byte) (first ^ (mask[0] & 0x1f));
        for (int i = 0; i < numberBytes; i++) {
            long part = number >> (Byte.SIZE * (numberBytes - 1 - i));
            content[before + 1 + ID_LENGTH + i] = (byte) (part ^ mask[1 + i]);
        }
        return Unpooled.wrappedBuffer(content);
    }

    private boolean take(long number, int numberBytes, boolean phase) {
        int before = random.nextInt(50);
        phases.arrives(packet(before, number, numberBytes, phase), before);
        return phases.taken();
    }

    @Test
    void tellsOfEachUpdateOnce() {
        for (int i = 0; i < 300; i++) {
            assertThat(take(i, 2, false)).isFalse();
        }
        assertThat(take(300, 2, true)).isTrue();
        assertThat(phases.generation()).isEqualTo(1);
        assertThat(take(301, 2, true)).isFalse();
        assertThat(take(302, 2, false)).isTrue();
        assertThat(phases.generation()).isEqualTo(2);
        assertThat(take(303, 2, false)).isFalse();
    }

    @Test
    void takesPacketsThatWereOvertakenForWhatTheyAre() {
        take(10, 2, false);
        assertThat(take(15, 2, true)).isTrue();
        assertThat(take(12, 2, false)).isFalse(); // Sent before the update.
        assertThat(take(14, 2, true)).isFalse(); // The first one after it.
        assertThat(take(16, 2, true)).isFalse();
        assertThat(phases.generation()).isEqualTo(1);
    }

    @Test
    void believesNoPacketThatWasNotTaken() {
        take(10, 2, false);
        phases.arrives(packet(0, 11, 2, true), 0);
        phases.arrives(packet(0, 12, 2, false), 0);
        assertThat(phases.taken()).isFalse();
        assertThat(phases.generation()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void followsNumbersOfEachLength(int numberBytes) {
        long step = (1L << (Byte.SIZE * numberBytes)) / 2 - 1;
        long number = 0;
        boolean phase = false;
        for (int i = 1; i <= 20; i++) {
            // A number that was read wrong would be too low, or make the next ones so.
            phase = !phase;
            number += step;
            assertThat(take(number, numberBytes, phase)).as("packet " + number).isTrue();
            assertThat(take(number - 1, numberBytes, !phase)).isFalse();
            assertThat(phases.generation()).isEqualTo(i);
        }
    }

    /// RFC 9001, appendix A.5.
    @Test
    void readsAPacketOfChaCha20() {
        var secret =
                HexFormat.of()
                        .parseHex(
                                "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b");
        var packet = HexFormat.of().parseHex("4cfe4189655e5cd55c41f69080575d7999c25a5bfb");
        var ofSample = new KeyPhases(new HeaderKeys(secret).forSuite("CHACHA20"), 0);
        ofSample.arrives(Unpooled.wrappedBuffer(packet), 0);
        assertThat(ofSample.taken()).isFalse();
        packet[0] ^= 4; // The key phase.
        ofSample.arrives(Unpooled.wrappedBuffer(packet), 0);
        assertThat(ofSample.taken()).isTrue();
    }

    @Test
    void passesOverWhatIsTooShortToBeDecrypted() {
        var whole = packet(0, 1, 2, true);
        for (int length = 1; length < 1 + ID_LENGTH + 4 + 16; length++) {
            phases.arrives(whole.slice(0, length), 0);
            assertThat(phases.taken()).isFalse();
        }
    }
}

package org.masquerelay.bind;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.LeakPresenceDetector;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.RawBindTunnel;
import org.masquerelay.tunnel.ResetCause;

@Timeout(30)
final class BindCapsulesTest {
    private final List<ResetCause> violations = new ArrayList<>();
    private final ByteArrayOutputStream answers = new ByteArrayOutputStream();
    private final BindContexts contexts = new BindContexts(_ -> true, 8);
    private final BindCapsules capsules =
            new BindCapsules(
                    contexts,
                    ByteBufAllocator.DEFAULT,
                    new BindCapsules.Tunnel() {
                        @Override
                        public void answer(ByteBuf bytes) {
                            answers.writeBytes(ByteBufUtil.getBytes(bytes));
                            bytes.release();
                        }

                        @Override
                        public void violate(ResetCause cause) {
                            violations.add(cause);
                        }
                    });

    @AfterEach
    void close() {
        capsules.close();
    }

    @AfterAll
    static void leavesNoBuffer() {
        LeakPresenceDetector.check();
    }

    private void read(String hex) {
        capsules.read(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));
    }

    private String answered() {
        var hex = HexFormat.of().formatHex(answers.toByteArray());
        answers.reset();
        return hex;
    }

    @Test
    @DisplayName("R10 3.1 capsules are read wherever they are cut, and others are skipped")
    void readsCapsulesByteByByte() {
        capsules.resume();
        var bytes = "11020200" + "2903aabbcc" + "110804047f0000010009";
        for (int at = 0; at < bytes.length(); at += 2) {
            read(bytes.substring(at, at + 2));
        }
        assertThat(answered()).isEqualTo("120102" + "120104");
        assertThat(contexts.count()).isEqualTo(2);
        assertThat(violations).isEmpty();
    }

    @Test
    @DisplayName("R10 3.1 answers wait while the client takes none")
    void keepsAnswersWhilePaused() {
        read("11020200");
        assertThat(answered()).isEmpty();
        capsules.resume();
        assertThat(answered()).isEqualTo("120102");
        capsules.pause();
        read("130102" + "11020400");
        assertThat(answered()).isEmpty();
        capsules.resume();
        assertThat(answered()).isEqualTo("120104");
    }

    @Test
    @DisplayName("R10 9 more answers than may wait are too many")
    void givesUpWhenTooManyAnswersWait() {
        int sent = 0;
        for (long id = 2; violations.isEmpty(); id += 2) {
            capsules.read(Unpooled.wrappedBuffer(RawBindTunnel.assignment(id)));
            read("1302" + HexFormat.of().toHexDigits((short) (id | 0x4000)));
            sent++;
            assertThat(sent).isLessThan(4096 / 3);
        }
        assertThat(violations).containsExactly(ResetCause.EXCESSIVE_LOAD);
        capsules.resume();
        assertThat(answers.size()).isBetween(4096 - 2 * BindCapsule.MAX_LENGTH, 4096);
    }

    @Test
    @DisplayName("R10 3 nothing is read behind a malformed capsule")
    void stopsAtAMalformedCapsule() {
        capsules.resume();
        read("130100" + "11020200" + "130100");
        read("11020200");
        assertThat(violations).containsExactly(ResetCause.MESSAGE_ERROR);
        assertThat(answered()).isEmpty();
        assertThat(contexts.count()).isZero();
    }

    @Test
    @DisplayName("R10 3 a capsule longer than any is malformed before it is whole")
    void stopsAtACapsuleThatIsTooLong() {
        read("111c");
        assertThat(violations).containsExactly(ResetCause.MESSAGE_ERROR);
    }
}

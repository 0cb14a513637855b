package org.masquerelay.boot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsulePolicy.Unknown;

final class CapsulePropertiesTest {
    private static final Set<Long> NEEDED = Set.of(0x00L, 0x11L, 0x12L, 0x13L);

    @Test
    void isTheStandardPolicyWithoutSettings() {
        assertThat(bind(Map.of()).toPolicy(Profile.STANDARD, Unknown.IGNORE, NEEDED))
                .isEqualTo(CapsulePolicy.STANDARD);
        assertThat(bind(Map.of()).toPolicy(Profile.STANDARD, Unknown.FORWARD, NEEDED))
                .isEqualTo(CapsulePolicy.STANDARD.with(Unknown.FORWARD));
    }

    @Test
    void rejectsUnknownTypesWhenHardened() {
        assertThat(bind(Map.of()).toPolicy(Profile.HARDENED, Unknown.FORWARD, NEEDED))
                .isEqualTo(CapsulePolicy.STANDARD.with(Unknown.REJECT));
    }

    @Test
    void putsWhatIsSetBeforeTheProfile() {
        var set = bind(Map.of("unknown", "ignore"));

        assertThat(set.toPolicy(Profile.HARDENED, Unknown.FORWARD, NEEDED).unknown())
                .isEqualTo(Unknown.IGNORE);
    }

    @Test
    void readsEverySetting() {
        var set =
                bind(
                        Map.of(
                                "unknown", "reject",
                                "allowed", "0x00,17,0x12,0x13,0x2a,43",
                                "max-datagram", "2000B",
                                "max-control", "1KB",
                                "max-held-per-connection", "64KB"));

        assertThat(set.toPolicy(Profile.STANDARD, Unknown.IGNORE, NEEDED))
                .isEqualTo(
                        new CapsulePolicy(
                                Unknown.REJECT, Set.of(0x2aL, 0x2bL), 2000, 1024, 64 * 1024));
    }

    @Test
    void knowsTypesBesideThoseOfTheProtocolsWhereNothingIsRejected() {
        var set = bind(Map.of("allowed", "0x02"));

        assertThat(set.toPolicy(Profile.STANDARD, Unknown.IGNORE, NEEDED).known())
                .containsExactly(0x02L);
    }

    @Test
    void namesTheTypesThatARejectingAllowlistLacks() {
        var set = bind(Map.of("allowed", "0x12,0x2a"));

        assertThatThrownBy(() -> set.toPolicy(Profile.HARDENED, Unknown.IGNORE, NEEDED))
                .isInstanceOf(BadSettingException.class)
                .hasMessage(
                        "relay.capsules.allowed lacks the capsule types 0x00, 0x11, 0x13 of the"
                                + " protocols that are enabled");
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource({
        "allowed[0],      x,                   is not a capsule type",
        "allowed[0],      0x,                  is not a capsule type",
        "allowed[0],      -1,                  is not a capsule type",
        "allowed[0],      0x-1,                is not a capsule type",
        "allowed[0],      4611686018427387904, is not a capsule type",
        "max-datagram,    64KB,                is not a size that works",
        "max-datagram,    0B,                  is not a size that works",
        "max-control,     65KB,                is not a size that works",
        "max-control,     0B,                  is not a size that works",
        "max-held-per-connection, 2GB,         is not a size that works",
        "max-held-per-connection, 0B,          is not a size that works",
    })
    void saysWhichValueCannotBeUsed(String name, String value, String problem) {
        var set = bind(Map.of(name, value));

        assertThatThrownBy(() -> set.toPolicy(Profile.STANDARD, Unknown.IGNORE, NEEDED))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("relay.capsules." + name + " " + problem);
    }

    private static CapsuleProperties bind(Map<String, String> settings) {
        return Bound.to(CapsuleProperties.class, settings);
    }
}

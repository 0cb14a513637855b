package org.masquerelay.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CaseTest {
    @Test
    void namesAreUniqueAndFoundAgain() {
        assertThat(Case.all())
                .hasSize(12)
                .allSatisfy(c -> assertThat(Case.named(c.name())).contains(c));
        assertThat(Case.all().stream().map(Case::name)).doesNotHaveDuplicates();
    }

    @Test
    void selectsByNameAndByKindAndByHops() {
        assertThat(names("udp-1200-2")).containsExactly("udp-1200-2");
        assertThat(names("udp-64")).containsExactly("udp-64-0", "udp-64-1", "udp-64-2");
        assertThat(names("tcp-up", "udp-1200-0"))
                .containsExactly("udp-1200-0", "tcp-up-0", "tcp-up-1", "tcp-up-2");
        assertThat(names("2")).containsExactly("udp-64-2", "udp-1200-2", "tcp-up-2", "tcp-down-2");
        assertThat(names("udp-12")).isEmpty();
        assertThat(names()).hasSize(12);
    }

    private static List<String> names(String... patterns) {
        return Case.matching(List.of(patterns)).stream().map(Case::name).toList();
    }
}

package org.masquerelay.gate;

import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.testkit.Walls;

final class ArchitectureTest {
    @ParameterizedTest
    @MethodSource
    void stands(ArchRule wall) {
        wall.check(Walls.mainClasses());
    }

    static List<ArchRule> stands() {
        return Walls.OF_THE_RELAY.everywhere();
    }
}

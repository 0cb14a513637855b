package org.masquerelay;

import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.testkit.Walls;

final class ArchitectureTest {
    @ParameterizedTest
    @MethodSource
    void stands(ArchRule wall) {
        wall.check(Walls.mainClasses());
    }

    static Stream<ArchRule> stands() {
        return Stream.concat(
                Walls.OF_THE_RELAY.everywhere().stream(), Stream.of(Walls.OF_THE_RELAY.noSpring()));
    }
}

package org.masquerelay.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.testkit.Walls;

final class ArchitectureRulesBiteTest {
    private static final Walls WALLS = new Walls("org.masquerelay.boot.fixture");
    private static final JavaClasses FIXTURES =
            new ClassFileImporter().importPackages(WALLS.root());

    /// A wall, the fixture that breaks it, and one that does the same where it may.
    record Case(String name, ArchRule wall, String breaker, String innocent) {
        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest
    @MethodSource
    void bites(Case broken) {
        var result = broken.wall().evaluate(FIXTURES);

        assertThat(result.hasViolation()).isTrue();
        assertThat(result.getFailureReport().toString())
                .contains(broken.breaker())
                .doesNotContain(broken.innocent());
    }

    static List<Case> bites() {
        return List.of(
                new Case("cycles", WALLS.noCycles(), "EgressSeer", "SpringSeer"),
                new Case("no Spring", WALLS.noSpring(), "SpringSeer", "ChannelSeer"),
                new Case("edge", WALLS.springStaysAtTheEdge(), "SpringSeer", "SpringUser"),
                new Case("channels", WALLS.noChannelsInTheProtocol(), "ChannelSeer", "LoopMaker"),
                new Case("loops", WALLS.eventLoopsComeFromTransport(), "LoopMaker", "Loops.make"),
                new Case("ingress", WALLS.ingressDoesNotSeeEgress(), "EgressSeer", "Anything"),
                new Case("egress", WALLS.egressDoesNotSeeIngress(), "IngressSeer", "Anything"),
                new Case("names", WALLS.packagesSayWhatTheyAreFor(), "Anything", "Loops"));
    }
}

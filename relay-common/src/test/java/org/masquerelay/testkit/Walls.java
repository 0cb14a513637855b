package org.masquerelay.testkit;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.channel.EventLoopGroup;
import java.util.Arrays;
import java.util.List;

/// The walls between the packages below a root: the relay's own, or one of fixtures that break
/// them.
public record Walls(String root) {
    public static final Walls OF_THE_RELAY = new Walls("org.masquerelay");

    private static final String SPRING = "org.springframework..";

    /// The classes of the module whose tests run, without the tests; read once for all walls.
    public static JavaClasses mainClasses() {
        return Main.CLASSES;
    }

    private static final class Main {
        static final JavaClasses CLASSES =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_JARS)
                        .importPackages(OF_THE_RELAY.root);
    }

    /// Those that hold in every module.
    public List<ArchRule> everywhere() {
        return List.of(
                noCycles(),
                springStaysAtTheEdge(),
                noChannelsInTheProtocol(),
                eventLoopsComeFromTransport(),
                ingressDoesNotSeeEgress(),
                egressDoesNotSeeIngress(),
                packagesSayWhatTheyAreFor());
    }

    public ArchRule noCycles() {
        return slices().matching(root + ".(**)")
                .should()
                .beFreeOfCycles()
                .because("a package is read, tested and replaced without those above it");
    }

    /// For relay-common.
    public ArchRule noSpring() {
        return noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage(SPRING)
                .because("the protocol is used by programs that are no Spring applications")
                .allowEmptyShould(true);
    }

    public ArchRule springStaysAtTheEdge() {
        var edge =
                resideInAnyPackage("..config..", "..ops..", root + ".gate..", root + ".boot..")
                        .or(isAssembly("App"));
        return noClasses()
                .that(DescribedPredicate.not(edge))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(SPRING)
                .because("the data path neither waits for Spring nor changes with it")
                .allowEmptyShould(true);
    }

    public ArchRule noChannelsInTheProtocol() {
        return noClasses()
                .that()
                .resideInAnyPackage(
                        below(
                                "wire",
                                "capsule",
                                "bind",
                                "ip",
                                "key",
                                "token",
                                "tunnel",
                                "tenant",
                                "signature",
                                "concealed"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty.channel..")
                .because("formats and values are the same whatever carries them")
                .allowEmptyShould(true);
    }

    public ArchRule eventLoopsComeFromTransport() {
        var allowed =
                resideInAnyPackage(below("transport"))
                        .or(isAssembly("App"))
                        .or(isAssembly("Pipeline"));
        return noClasses()
                .that(DescribedPredicate.not(allowed))
                .should()
                .callConstructorWhere(
                        describe(
                                "it makes an event loop",
                                call -> call.getTargetOwner().isAssignableTo(EventLoopGroup.class)))
                .because("one set of event loops owns all tunnels of a process")
                .allowEmptyShould(true);
    }

    public ArchRule ingressDoesNotSeeEgress() {
        return blind("ingress", "egress");
    }

    public ArchRule egressDoesNotSeeIngress() {
        return blind("egress", "ingress");
    }

    public ArchRule packagesSayWhatTheyAreFor() {
        return noClasses()
                .should()
                .resideInAnyPackage(
                        "..util..", "..utils..", "..impl..", "..common..", "..helper..", "..core..")
                .because("such a name gathers whatever has no place yet")
                .allowEmptyShould(true);
    }

    private ArchRule blind(String one, String other) {
        return noClasses()
                .that()
                .resideInAnyPackage(below(one))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(below(other))
                .because("who asks and where to are never known in one place")
                .allowEmptyShould(true);
    }

    private String[] below(String... packages) {
        return Arrays.stream(packages).map(name -> root + "." + name + "..").toArray(String[]::new);
    }

    /// A class that puts an app together, or a class inside it.
    private static DescribedPredicate<JavaClass> isAssembly(String suffix) {
        return describe(
                "*" + suffix,
                type -> {
                    String name = type.getName().substring(type.getPackageName().length() + 1);
                    return name.split("\\$", 2)[0].endsWith(suffix);
                });
    }
}

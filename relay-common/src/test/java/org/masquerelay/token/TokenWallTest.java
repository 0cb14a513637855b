package org.masquerelay.token;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

class TokenWallTest {
    @Test
    void tokensKnowNeitherChannelsNorFrameworks() {
        var classes = new ClassFileImporter().importPackages("org.masquerelay.token");
        noClasses()
                .that()
                .resideInAPackage("org.masquerelay.token..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "org.springframework..")
                .because("tokens are bytes and arithmetic, wherever they travel")
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("org.masquerelay.token..")
                .and()
                .resideOutsideOfPackages(
                        "org.masquerelay.token.voprf", "org.masquerelay.token.keys")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bouncycastle..")
                .because("the JDK has all but the curve's points and the making of certificates")
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage("org.masquerelay.token")
                .and()
                .haveSimpleNameNotEndingWith("Test")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.masquerelay.token.issuance")
                .because("whoever checks tokens needs nothing of how they are made")
                .check(classes);
    }
}

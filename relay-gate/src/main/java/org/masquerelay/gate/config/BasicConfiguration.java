package org.masquerelay.gate.config;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.gate.basic.BasicScheme;
import org.masquerelay.gate.basic.FailureThrottle;
import org.masquerelay.gate.basic.PasswordVerifier;
import org.masquerelay.gate.basic.UsersFile;
import org.masquerelay.gate.basic.UsersFormatException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/// Turns `relay.auth.basic` into a scheme.
@Configuration(proxyBeanMethods = false)
@ConditionalOnAdmitted(BasicScheme.NAME)
class BasicConfiguration {
    private static final String USERS_FILE = "relay.auth.basic.users-file";
    private static final String MAKE_ONE =
            "Set it to a file with lines that ./relay password prints";
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration FAILURE_WINDOW = Duration.ofMinutes(1);

    @Bean
    UsersFile usersFile(AuthProperties auth) {
        var basic = auth.basic();
        if (basic == null) {
            throw new BadSettingException(
                    GateConfiguration.ADMIT,
                    "names basic, but nothing says who the users are",
                    "Set relay.auth.basic.users-file to a file with lines that ./relay password"
                            + " prints");
        }
        if (basic.usersFile().isEmpty()) {
            throw new BadSettingException(USERS_FILE, "is empty", MAKE_ONE);
        }
        try {
            return UsersFile.open(Path.of(basic.usersFile()), LOOK);
        } catch (UsersFormatException e) {
            throw new BadSettingException(
                    USERS_FILE, "cannot be used: " + e.getMessage(), MAKE_ONE);
        }
    }

    @Bean
    @Order(GateConfiguration.FIRST)
    BasicScheme basicScheme(AuthProperties auth, UsersFile users) {
        var basic = auth.basic();
        if (basic == null) {
            throw new IllegalStateException("relay.auth.basic: none (expected: some)");
        }
        var clock = InstantSource.system();
        var throttle = new FailureThrottle(basic.maxFailures(), FAILURE_WINDOW, clock);
        return new BasicScheme(
                auth.realm(),
                users,
                new PasswordVerifier(
                        basic.verificationCount(), basic.cacheTime(), throttle, clock));
    }
}

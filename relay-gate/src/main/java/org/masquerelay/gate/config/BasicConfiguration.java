package org.masquerelay.gate.config;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.masquerelay.boot.config.BadSettingException;
import org.masquerelay.boot.config.Followed;
import org.masquerelay.boot.config.WatchedFiles;
import org.masquerelay.gate.basic.BasicScheme;
import org.masquerelay.gate.basic.FailureThrottle;
import org.masquerelay.gate.basic.PasswordVerifier;
import org.masquerelay.gate.basic.Users;
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
    private static final Duration FAILURE_WINDOW = Duration.ofMinutes(1);

    @Bean
    FollowedUsers followedUsers(AuthProperties auth, WatchedFiles files) {
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
        return new FollowedUsers(
                files.watch(
                        USERS_FILE,
                        Path.of(basic.usersFile()),
                        MAKE_ONE,
                        BasicConfiguration::read));
    }

    private static Users read(byte[] content) throws IOException {
        try {
            return Users.parse(content);
        } catch (UsersFormatException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// What the users file holds.
    record FollowedUsers(Followed<Users> users) {}

    @Bean
    @Order(GateConfiguration.FIRST)
    BasicScheme basicScheme(AuthProperties auth, FollowedUsers file) {
        var basic = auth.basic();
        if (basic == null) {
            throw new IllegalStateException("relay.auth.basic: none (expected: some)");
        }
        var clock = InstantSource.system();
        var throttle = new FailureThrottle(basic.maxFailures(), FAILURE_WINDOW, clock);
        return new BasicScheme(
                auth.realm(),
                file.users(),
                new PasswordVerifier(
                        basic.verificationCount(), basic.cacheTime(), throttle, clock));
    }
}

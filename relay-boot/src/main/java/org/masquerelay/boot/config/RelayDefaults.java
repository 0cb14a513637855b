package org.masquerelay.boot.config;

import java.io.IOException;
import java.util.List;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.ClassPathResource;

/// Gives Spring Boot's own properties the defaults of the relay, below everything that an operator
/// sets anywhere: also where `spring.config.location` puts a file in the place of the app's.
final class RelayDefaults implements EnvironmentPostProcessor, Ordered {
    /// Those of a module that is not there are left out.
    private static final List<String> FILES = List.of("relay-management.yml", "relay-gate.yml");

    private final YamlPropertySourceLoader yaml = new YamlPropertySourceLoader();

    @Override
    public void postProcessEnvironment(
            ConfigurableEnvironment environment, SpringApplication application) {
        for (String file : FILES) {
            var resource = new ClassPathResource(file);
            if (resource.exists()) {
                load(file, resource, environment);
            }
        }
    }

    private void load(String file, ClassPathResource resource, ConfigurableEnvironment into) {
        try {
            yaml.load(file, resource).forEach(into.getPropertySources()::addLast);
        } catch (IOException e) {
            throw new IllegalStateException(file + ": cannot be read (expected: in a jar)", e);
        }
    }

    /// After the operator's files.
    @Override
    public int getOrder() {
        return ConfigDataEnvironmentPostProcessor.ORDER + 1;
    }
}

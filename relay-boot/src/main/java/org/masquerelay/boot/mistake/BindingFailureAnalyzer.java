package org.masquerelay.boot.mistake;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindException;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.convert.ConversionException;
import org.springframework.core.env.Environment;

/// Says in one sentence for each property what is wrong with it, and where it is set: in the words
/// of the operator, where Spring Boot's own analyzers have those of Java. Other failures are left
/// to those.
final class BindingFailureAnalyzer extends AbstractFailureAnalyzer<BindException>
        implements Ordered {
    private static final String OURS = "relay.";

    private final Environment environment;

    BindingFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException failure) {
        var mistakes = new Mistakes(environment, settings(rootFailure));
        return switch (failure.getCause()) {
            case ConversionException _ -> analysis(List.of(mistakes.of(failure)), failure);
            case BindValidationException invalid -> analysis(mistakes.of(invalid), failure);
            case UnboundConfigurationPropertiesException unknown ->
                    analysis(mistakes.of(unknown), failure);
            case null, default -> null;
        };
    }

    /// Whether it is a setting's own fault, and neither a file's nor a machine's.
    static boolean isMistake(BindException failure) {
        var cause = failure.getCause();
        return cause instanceof ConversionException
                || cause instanceof BindValidationException
                || cause instanceof UnboundConfigurationPropertiesException;
    }

    private Settings settings(Throwable rootFailure) {
        var bean = findCause(rootFailure, ConfigurationPropertiesBindException.class);
        return bean == null
                ? Settings.NONE
                : Settings.of(bean.getAnnotation().prefix(), bean.getBeanType());
    }

    private static FailureAnalysis analysis(List<Mistake> mistakes, BindException failure) {
        var description =
                mistakes.stream().map(Mistake::sentence).collect(Collectors.joining("\n"));
        var action = mistakes.stream().map(Mistake::remedy).collect(Collectors.joining("\n"));
        return new FailureAnalysis(
                description,
                description.contains(OURS)
                        ? action + "\ndocs/CONFIGURATION.md has all properties of the relay."
                        : action,
                failure);
    }

    /// Before Spring Boot's.
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}

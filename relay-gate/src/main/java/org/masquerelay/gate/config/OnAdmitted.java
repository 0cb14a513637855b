package org.masquerelay.gate.config;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/// Whether `relay.auth.admit` names a scheme.
final class OnAdmitted implements Condition {
    private static final Bindable<List<String>> NAMES = Bindable.listOf(String.class);

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        var attributes = metadata.getAnnotationAttributes(ConditionalOnAdmitted.class.getName());
        Object scheme = attributes == null ? Map.of() : attributes.get("value");
        return Binder.get(context.getEnvironment())
                .bind(GateConfiguration.ADMIT, NAMES)
                .orElse(List.of(AuthProperties.ADMIT_BY_DEFAULT))
                .stream()
                .flatMap(text -> Arrays.stream(text.split("\\+", -1)))
                .map(String::strip)
                .anyMatch(name -> name.equals(scheme));
    }
}

package org.masquerelay.gate.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Conditional;

/// On a bean that is there only while `relay.auth.admit` names its scheme: one that is not asked
/// for costs nothing, and one that is says what it lacks.
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Conditional(OnAdmitted.class)
@interface ConditionalOnAdmitted {
    /// The name of the scheme.
    String value();
}

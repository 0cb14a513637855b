package org.masquerelay.boot.mistake;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/// Turns what Spring Boot finds into mistakes.
///
/// @param environment what is set
/// @param settings what can be set
record Mistakes(Environment environment, Settings settings) {
    private static final String NOT_NULL = "NotNull";

    /// A value that is none of the property's type.
    Mistake of(BindException failure) {
        var name = failure.getName().toString();
        var property = failure.getProperty() == null ? find(name) : failure.getProperty();
        var allowed =
                settings.find(name)
                        .flatMap(Allowed::of)
                        .or(() -> Allowed.of(failure.getTarget().getType().getType()));
        return new Mistake(
                name + " cannot be " + (property == null ? "that" : Given.text(property)) + ".",
                allowed.map(values -> "Set " + name + " to " + values + ".")
                        .orElse("Set properties below " + name + " instead."));
    }

    /// Values that are out of bounds, or missing.
    List<Mistake> of(BindValidationException invalid) {
        var errors = invalid.getValidationErrors();
        var mistakes = new ArrayList<Mistake>();
        for (var error : errors) {
            mistakes.add(
                    of(
                            error instanceof FieldError field
                                    ? errors.getName() + "." + field.getField()
                                    : errors.getName().toString(),
                            error));
        }
        return mistakes;
    }

    private Mistake of(String path, ObjectError error) {
        var setting = settings.find(path);
        var name = setting.map(known -> known.like(path)).orElse(path);
        if (NOT_NULL.equals(error.getCode())) {
            return missing(name);
        }
        var set = find(name);
        return new Mistake(
                name
                        + " "
                        + error.getDefaultMessage()
                        + (set == null ? "" : ", but it is " + Given.text(set))
                        + ".",
                remedy(name, setting));
    }

    private static Mistake missing(String name) {
        return new Mistake(
                name + " is not set.",
                "Set "
                        + name
                        + (name.contains("[")
                                ? ", in the same place as all else of that list: one place gives a"
                                        + " list as a whole."
                                : "."));
    }

    private static String remedy(String name, Optional<Setting> setting) {
        return "Set "
                + name
                + setting.flatMap(Allowed::of).map(values -> " to " + values).orElse("")
                + ".";
    }

    /// Names that no property has.
    List<Mistake> of(UnboundConfigurationPropertiesException unknown) {
        return unknown.getUnboundProperties().stream().map(this::unknown).toList();
    }

    private Mistake unknown(ConfigurationProperty property) {
        var name = property.getName().toString();
        return new Mistake(
                name + " is no property of this app (" + Place.of(property.getOrigin()) + ").",
                settings.nearest(name)
                        .map(near -> "Did you mean " + near + "?")
                        .orElse("Remove " + name + "."));
    }

    private @Nullable ConfigurationProperty find(String name) {
        if (!ConfigurationPropertyName.isValid(name)) {
            return null;
        }
        var valid = ConfigurationPropertyName.of(name);
        for (var source : ConfigurationPropertySources.get(environment)) {
            var property = source.getConfigurationProperty(valid);
            if (property != null) {
                return property;
            }
        }
        return null;
    }
}

package org.masquerelay.gate.config;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// An issuer that is trusted by its directory.
///
/// @param name the issuer that challenges name
/// @param directory where its keys are, over https
/// @param keys private keys of tokens of type 0x0001, as in `relay.auth.issuer-keys`
/// @param tlsBundle the SSL bundle with the authorities that sign the directory's certificate;
///   empty for those of the JDK
public record IssuerSourceProperties(
        @NotBlank String name,
        @NotNull URI directory,
        @DefaultValue List<String> keys,
        @DefaultValue("") String tlsBundle) {}

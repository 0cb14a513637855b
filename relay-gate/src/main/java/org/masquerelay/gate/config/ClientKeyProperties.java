package org.masquerelay.gate.config;

import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// A public key of a client.
///
/// @param id what the client calls it
/// @param tenant who has it; empty for nobody in particular
/// @param key PEM, or `file:` and a path to PEM: Ed25519, P-256, or RSA of 2048 to 8192 bits
/// @param algorithm what it has to be for, by its name for message signatures; empty takes what its
///   kind has
public record ClientKeyProperties(
        @NotBlank String id,
        @DefaultValue("") String tenant,
        @NotBlank String key,
        @DefaultValue("") String algorithm) {}

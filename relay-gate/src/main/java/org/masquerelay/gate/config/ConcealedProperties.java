package org.masquerelay.gate.config;

import jakarta.validation.Valid;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Concealed authentication (RFC 9729).
///
/// @param keys whose proofs let in
/// @param realm what clients are told, by other means, to send as `realm`
public record ConcealedProperties(
        @DefaultValue List<@Valid ClientKeyProperties> keys, @DefaultValue("") String realm) {}

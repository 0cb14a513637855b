package org.masquerelay.gate.config;

import org.masquerelay.gate.mtls.CertificateTenant;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How client certificates are read.
///
/// @param tenant where a certificate names the tenant
public record MutualTlsProperties(@DefaultValue("spiffe-or-cn") CertificateTenant tenant) {}

package org.masquerelay.boot.config;

import org.springframework.boot.context.properties.bind.DefaultValue;

/// What the listeners show to those who connect.
///
/// @param bundle the SSL bundle with the key and certificate of this relay, and on an egress the
///   authorities whose client certificates may enter; empty for the development PKI
public record TlsProperties(@DefaultValue("") String bundle) {}

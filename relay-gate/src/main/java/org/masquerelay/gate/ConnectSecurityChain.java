package org.masquerelay.gate;

import org.springframework.security.web.server.SecurityWebFilterChain;

/// The security of tunnel requests. An operator's bean of this type replaces all rules of the
/// relay, tokens included.
///
/// It is not a [SecurityWebFilterChain] itself, because Spring would guard the management port with
/// every bean of that type, and a management rule could then let a CONNECT pass.
public record ConnectSecurityChain(SecurityWebFilterChain filters) {}

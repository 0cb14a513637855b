package org.masquerelay.egress.resolve;

import io.netty.handler.codec.dns.DnsRecordType;

/// What is asked of the DNS: the addresses of one family of a name.
///
/// @param name in lower case, with a dot at its end
/// @param type A or AAAA
record Question(String name, DnsRecordType type) {}

package org.masquerelay.dns;

import io.netty.handler.codec.dns.DnsRecordType;

/// What is asked of the DNS: the records of one type of a name.
///
/// @param name in lower case, with a dot at its end
/// @param type A, AAAA or SRV
public record Question(String name, DnsRecordType type) {}

package org.masquerelay.egress.rule;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.masquerelay.tunnel.TunnelKind;

/// What a rule is about: tunnels of bytes, of UDP payloads to one target, of UDP payloads to many
/// peers, or of IP packets.
public enum Protocol {
    TCP("tcp"),
    UDP("udp"),
    BIND("bind"),
    IP("ip");

    private static final String ALL = "*";

    private final String text;

    Protocol(String text) {
        this.text = text;
    }

    public static Protocol of(TunnelKind kind) {
        return switch (kind) {
            case TCP -> TCP;
            case UDP -> UDP;
            case BIND -> BIND;
        };
    }

    /// `*`, or one or more names with commas between.
    static Set<Protocol> parse(String text) throws RuleFormatException {
        if (text.equals(ALL)) {
            return Collections.unmodifiableSet(EnumSet.allOf(Protocol.class));
        }
        var protocols = EnumSet.noneOf(Protocol.class);
        for (var name : text.split(",", -1)) {
            protocols.add(named(name));
        }
        return Collections.unmodifiableSet(protocols);
    }

    private static Protocol named(String name) throws RuleFormatException {
        for (var protocol : values()) {
            if (protocol.text.equals(name)) {
                return protocol;
            }
        }
        throw new RuleFormatException("the protocol is none of tcp, udp, bind, ip and *");
    }
}

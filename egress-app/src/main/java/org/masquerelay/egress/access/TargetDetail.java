package org.masquerelay.egress.access;

import java.util.Map;
import org.masquerelay.wire.HostPort;

/// How much of a tunnel's target is written down.
public enum TargetDetail {
    /// Nothing, the port neither.
    NONE,
    PORT,
    /// The port and the last two labels of a name; of an address only its family.
    NAME_SUFFIX,
    /// The port and the name or the address that the client asked for.
    FULL;

    private static final int LABELS = 2;

    /// Adds what may be written down.
    void describe(HostPort target, Map<String, Object> fields) {
        switch (this) {
            case NONE -> {}
            case PORT -> fields.put("port", target.port());
            case NAME_SUFFIX -> {
                fields.put("target", suffix(target));
                fields.put("port", target.port());
            }
            case FULL -> {
                fields.put("target", target.host());
                fields.put("port", target.port());
            }
        }
    }

    private static String suffix(HostPort target) {
        if (target.literal().isPresent()) {
            return target.host().indexOf(':') < 0 ? "ipv4" : "ipv6";
        }
        var name = target.host();
        int start = name.endsWith(".") ? name.length() - 1 : name.length();
        for (int label = 0; label < LABELS && start > 0; label++) {
            start = name.lastIndexOf('.', start - 1);
        }
        return name.substring(start + 1);
    }
}

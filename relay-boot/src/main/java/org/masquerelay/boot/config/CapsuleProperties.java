package org.masquerelay.boot.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsulePolicy.Unknown;
import org.masquerelay.capsule.HttpDatagram;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// What becomes of capsules (RFC 9297, section 3.2).
///
/// @param unknown what becomes of a type that no enabled protocol has and `allowed` does not name;
///   the profile and the app decide where it is left out
/// @param allowed types that are known beside those of the enabled protocols; where unknown ones
///   are rejected it is all that are known, and has to have theirs as well
/// @param maxDatagram bytes of a DATAGRAM capsule's value; longer ones are dropped
/// @param maxControl bytes of the value of any other capsule of a known type, except the DATA of
///   connect-tcp; longer ones reset the tunnel
/// @param maxHeldPerConnection bytes of unfinished capsules that the tunnels of a connection hold
///   together; what goes beyond is dropped
public record CapsuleProperties(
        @Nullable Unknown unknown,
        @DefaultValue List<String> allowed,
        @DefaultValue("65535B") DataSize maxDatagram,
        @DefaultValue("4KB") DataSize maxControl,
        @DefaultValue("1MB") DataSize maxHeldPerConnection) {
    private static final String PROPERTY = "relay.capsules";

    private static final int MAX_CONTROL = 64 * 1024;
    private static final int MAX_HELD = 1 << 30;

    /// @param standard what becomes of unknown types where neither an operator nor a profile says
    ///   something else
    /// @param needed the types that the enabled protocols are made of
    public CapsulePolicy toPolicy(Profile profile, Unknown standard, Set<Long> needed) {
        var fate =
                unknown != null ? unknown : profile == Profile.HARDENED ? Unknown.REJECT : standard;
        var known = known();
        if (fate == Unknown.REJECT && !known.isEmpty()) {
            checkComplete(known, needed);
        }
        // A type of a protocol is known to the tunnels of that protocol, and to no others.
        known.removeAll(needed);
        return new CapsulePolicy(
                fate,
                known,
                Sizes.within(
                        PROPERTY + ".max-datagram",
                        maxDatagram,
                        1,
                        HttpDatagram.MAX_LENGTH,
                        "1B to 65535B"),
                Sizes.within(PROPERTY + ".max-control", maxControl, 1, MAX_CONTROL, "1B to 64KB"),
                Sizes.within(
                        PROPERTY + ".max-held-per-connection",
                        maxHeldPerConnection,
                        1,
                        MAX_HELD,
                        "1B to 1GB"));
    }

    private Set<Long> known() {
        var known = new HashSet<Long>();
        for (int i = 0; i < allowed.size(); i++) {
            known.add(CapsuleTypes.parse(PROPERTY + ".allowed[" + i + "]", allowed.get(i)));
        }
        return known;
    }

    private static void checkComplete(Set<Long> known, Set<Long> needed) {
        var missing = new TreeSet<>(needed);
        missing.removeAll(known);
        if (!missing.isEmpty()) {
            throw new BadSettingException(
                    PROPERTY + ".allowed",
                    "lacks the capsule types "
                            + CapsuleTypes.format(missing)
                            + " of the protocols that are enabled",
                    "Add them, leave the list empty, or disable the protocols");
        }
    }
}

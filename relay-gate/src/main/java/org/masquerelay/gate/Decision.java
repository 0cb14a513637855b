package org.masquerelay.gate;

import org.masquerelay.tunnel.Refusal;

/// What the gate says of a request.
public sealed interface Decision {
    record Admitted(Admission admission) implements Decision {}

    record Refused(Refusal refusal) implements Decision {}
}

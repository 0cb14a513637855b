package org.masquerelay.tunnel;

/// The state of a relay that has as many tunnels as it may have, from whomever they are.
public final class Full {
    /// What it says then, as the details of [RefusalReason#OVERLOADED]; the hop before it knows it
    /// by that.
    public static final String DETAILS = "this relay has as many tunnels as it may have";

    private Full() {}
}

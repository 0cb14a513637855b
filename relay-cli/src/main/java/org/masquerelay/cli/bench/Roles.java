package org.masquerelay.cli.bench;

/// What the processes of a benchmark are called.
final class Roles {
    static final String INGRESS = "ingress";
    static final String EGRESS = "egress";
    static final String TARGETS = "targets";
    static final String LOAD = "load";

    private Roles() {}
}

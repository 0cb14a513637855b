package org.masquerelay.tunnel;

/// One HTTP field line; the name is in lower case.
public record HeaderField(String name, String value) {}

package org.masquerelay.client;

import java.io.IOException;
import org.masquerelay.tunnel.HeaderFields;

/// The relay answered a tunnel request with something else than 2xx.
public final class TunnelRefusedException extends IOException {
    private final int status;
    private final transient HeaderFields fields;

    public TunnelRefusedException(int status, HeaderFields fields) {
        super(
                "the relay answered "
                        + status
                        + fields.first("proxy-status").map(text -> " (" + text + ")").orElse(""));
        this.status = status;
        this.fields = fields;
    }

    public int status() {
        return status;
    }

    /// The fields of the answer, with `www-authenticate` or `proxy-status` as they came.
    public HeaderFields fields() {
        return fields;
    }
}

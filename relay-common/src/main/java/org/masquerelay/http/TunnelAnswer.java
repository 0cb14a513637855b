package org.masquerelay.http;

import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.TunnelStream;

/// Receives the outcome of a tunnel request: exactly one call of one method.
public interface TunnelAnswer extends FailureListener {
    /// 2xx: the tunnel is open.
    void opened(TunnelStream tunnel, HeaderFields fields);

    /// Another final status.
    void refused(int status, HeaderFields fields);
}

package org.masquerelay.http;

import org.masquerelay.tunnel.TunnelStream;

/// The end of a tunnel that is carried by a [MessageStream].
interface HttpTunnel extends TunnelStream, MessageStream.Receiver {
    /// The tunnel does not come about: lets go of what came early.
    void abandon();
}

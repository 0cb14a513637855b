package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import org.masquerelay.tunnel.HeaderFields;

/// The stream of a request that this relay answers. Confined to its event loop.
interface ServerStream extends MessageStream {
    /// Answers that the tunnel is open: 2xx, or 101 to an upgrade (RFC 9298, section 3.3).
    void accept(HeaderFields fields);

    /// Sends an interim answer (RFC 9110, section 15.2).
    void interim(int status);

    /// Answers with a final status and the whole `body`, which is consumed, and throws away what
    /// still comes of the request.
    void respond(int status, HeaderFields fields, ByteBuf body);
}

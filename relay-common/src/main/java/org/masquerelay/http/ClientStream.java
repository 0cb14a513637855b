package org.masquerelay.http;

import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;

/// The stream of a request that we send. Confined to its event loop.
interface ClientStream extends MessageStream {
    /// Sends the head of the request; `receiver` hears what comes back.
    void ask(RequestHead head, ResponseReceiver receiver);

    /// Hears the response.
    interface ResponseReceiver extends Receiver {
        /// A head has come: an interim one, or the final one. An upgrade that was granted counts as
        /// 200. What is malformed has a status below 100 or no fields.
        void head(int status, @Nullable HeaderFields fields);

        /// The head could not be sent.
        void unsent(RelayConnection.Failure failure);
    }
}

package org.masquerelay.egress.access;

import org.masquerelay.http.TunnelExchange;

/// Writes down what becomes of tunnels.
public interface AccessLog extends AutoCloseable {
    /// Writes nothing.
    AccessLog OFF = new Off();

    /// `exchange`, watched from now on if it is among the sample. On its event loop, which is not
    /// held up.
    TunnelExchange watch(TunnelExchange exchange);

    /// Writes what is left; blocks until it is.
    @Override
    void close();

    /// Nobody writes.
    final class Off implements AccessLog {
        private Off() {}

        @Override
        public TunnelExchange watch(TunnelExchange exchange) {
            return exchange;
        }

        @Override
        public void close() {}
    }
}

package org.masquerelay.http;

import org.jspecify.annotations.Nullable;

/// Gives a tunnel request up, whether or not it is sent yet.
final class Cancellation implements Runnable {
    private @Nullable TunnelAsk request;
    private boolean wanted;

    void of(TunnelAsk request) {
        this.request = request;
        if (wanted) {
            request.cancel();
        }
    }

    @Override
    public void run() {
        wanted = true;
        if (request != null) {
            request.cancel();
        }
    }
}

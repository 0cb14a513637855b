package org.masquerelay.http;

import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.masquerelay.tunnel.Peer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers ordinary requests away from the event loops, so many at a time. Safe on any thread.
public final class PlainService {
    private static final Logger LOG = LoggerFactory.getLogger(PlainService.class);

    /// Requests answered at a time. They are the token issuer's, about a millisecond of one core
    /// each.
    private static final int MAX_REQUESTS = 64;

    private final PlainResource resource;
    private final Semaphore places = new Semaphore(MAX_REQUESTS);

    public PlainService(PlainResource resource) {
        this.resource = resource;
    }

    /// As [TunnelService#respond].
    public void respond(PlainRequest request, Peer peer, Consumer<PlainResponse> then) {
        if (!places.tryAcquire()) {
            then.accept(PlainResponse.empty(503));
            return;
        }
        Thread.ofVirtual()
                .name("relay-plain-request")
                .start(() -> {
                    try {
                        then.accept(answer(request, peer));
                    } finally {
                        places.release();
                    }
                });
    }

    private PlainResponse answer(PlainRequest request, Peer peer) {
        try {
            return resource.answer(request, peer);
        } catch (RuntimeException failure) {
            // Its message could quote the request, which may hold a password.
            LOG.error(
                    "an ordinary request ended in an internal error: {} at {}",
                    failure.getClass().getName(),
                    failure.getStackTrace().length == 0 ? "?" : failure.getStackTrace()[0]);
            return PlainResponse.empty(500);
        }
    }
}

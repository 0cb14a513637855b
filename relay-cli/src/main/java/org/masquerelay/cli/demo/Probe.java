package org.masquerelay.cli.demo;

import java.util.concurrent.Callable;
import org.masquerelay.tunnel.HttpVersion;

/// One thing that is asked of the relay.
///
/// @param transport the HTTP version between the client and the ingress
/// @param hops whom the request passes, up to the one that answers
/// @param expected what `action` has to return, literally
/// @param before brings the relay into the state that is asked about; its time does not count
record Probe(
        String name,
        Protocol protocol,
        HttpVersion transport,
        String hops,
        String expected,
        Step before,
        Callable<String> action) {
    /// What a tunnel carries.
    enum Protocol {
        TCP,
        UDP
    }

    /// Does something to the relay.
    interface Step {
        /// For a probe that needs nothing.
        Step NONE = () -> {};

        void run() throws Exception;
    }

    /// Asks; a failure is an answer too.
    Row run() {
        long start = System.nanoTime();
        String got;
        try {
            before.run();
            start = System.nanoTime();
            got = action.call();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            got = "interrupted";
        } catch (Exception e) {
            got = Answers.failure(e);
        }
        return new Row(this, got, (System.nanoTime() - start) / 1_000_000);
    }

    /// What came back.
    record Row(Probe probe, String got, long millis) {
        boolean ok() {
            return got.equals(probe.expected());
        }
    }
}

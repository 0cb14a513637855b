package org.masquerelay.cli.demo;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.masquerelay.cli.token.Challenges;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.wire.ProxyStatus;
import org.masquerelay.wire.ProxyStatusMember;

/// What comes back from a relay, in the few words that a table has room for.
final class Answers {
    private static final String OPENED = "a tunnel";

    private Answers() {}

    /// Opens what must not open.
    static String refusalOf(Callable<? extends AutoCloseable> opening) throws Exception {
        try (var _ = opening.call()) {
            return OPENED;
        } catch (TunnelRefusedException e) {
            return refusal(e);
        }
    }

    /// The status, and the reason if the relay gives one.
    static String refusal(TunnelRefusedException refusal) {
        if (Challenges.in(refusal).isPresent()) {
            return refusal.status() + " with a PrivateToken challenge";
        }
        var error =
                ProxyStatus.parse(String.join(", ", refusal.fields().all("proxy-status"))).stream()
                        .map(ProxyStatusMember::error)
                        .flatMap(java.util.Optional::stream)
                        .findFirst();
        return refusal.status() + error.map(word -> " " + word).orElse("");
    }

    /// The same without the reason: which one it is depends on how the relay found out.
    static String statusOf(String refusal) {
        int blank = refusal.indexOf(' ');
        return blank < 0 ? refusal : refusal.substring(0, blank) + " with Proxy-Status";
    }

    static String failure(Exception failure) {
        if (failure instanceof TunnelRefusedException refusal) {
            return refusal(refusal);
        }
        String kind =
                failure instanceof IOException ? "" : failure.getClass().getSimpleName() + " ";
        return "failed: " + kind + failure.getMessage();
    }
}

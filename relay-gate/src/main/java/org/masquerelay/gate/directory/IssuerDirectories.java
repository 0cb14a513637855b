package org.masquerelay.gate.directory;

import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.masquerelay.token.TrustedIssuer;
import org.masquerelay.token.VoprfVerifyingKey;
import org.masquerelay.token.issuance.DirectoryTrust;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/// The directories of all issuers that are trusted by their directory.
public final class IssuerDirectories implements AutoCloseable {
    private final List<FollowedDirectory> followed = new ArrayList<>();
    private final Duration timeout;

    /// Of their own: on the one that everything in the process shares, whatever keeps one of its
    /// threads would end the following without a word.
    private final Scheduler timer = Schedulers.newSingle("relay-directories", true);

    /// @param then told of every change of an issuer's keys, on another thread
    public IssuerDirectories(
            List<Source> sources,
            DirectoryTrust.Policy policy,
            Duration timeout,
            Consumer<TrustedIssuer> then) {
        this.timeout = timeout;
        for (var source : sources) {
            var parts =
                    new FollowedDirectory.Parts(
                            source.name,
                            source.own,
                            policy,
                            InstantSource.system(),
                            ThreadLocalRandom.current(),
                            timer);
            var fetcher = new DirectoryFetcher(source.directory, source.tls, timeout, timer);
            followed.add(new FollowedDirectory(parts, fetcher, then));
        }
    }

    /// Where an issuer's keys are.
    ///
    /// @param own private halves of those of its keys that verify nothing in public
    /// @param tls whom to trust; empty for the authorities of the JDK
    public record Source(
            String name, URI directory, List<VoprfVerifyingKey> own, Optional<SslContext> tls) {
        public Source {
            own = List.copyOf(own);
        }
    }

    /// Begins to follow all of them, waits for the first answers, and says which issuers gave none.
    /// Blocks for a little more than the time-out at the longest; for the start of an application.
    public List<String> start() {
        var without =
                Flux.fromIterable(followed)
                        .flatMap(one -> one.start().filter(came -> !came).map(_ -> problem(one)))
                        .collectList()
                        .block(timeout.plusSeconds(5));
        return without == null ? List.of() : without;
    }

    private static String problem(FollowedDirectory one) {
        return one.name() + " " + one.state().problem().orElse("did not come");
    }

    List<FollowedDirectory> followed() {
        return List.copyOf(followed);
    }

    @Override
    public void close() {
        followed.forEach(FollowedDirectory::close);
        timer.dispose();
    }
}

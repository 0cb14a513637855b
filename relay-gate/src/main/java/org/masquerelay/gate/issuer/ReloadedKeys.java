package org.masquerelay.gate.issuer;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.token.issuance.IssuerKeySet;
import org.masquerelay.token.keys.IssuerKeyStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys of a file that is read again from time to time, so that a rotation needs no restart. A
/// file that cannot be used leaves the keys as they were.
///
/// Reading blocks. Any thread that may wait.
public final class ReloadedKeys implements Supplier<IssuerKeySet> {
    private static final Logger LOG = LoggerFactory.getLogger(ReloadedKeys.class);

    private final IssuerKeyStore file;
    private final Duration every;
    private final InstantSource clock;
    private final AtomicReference<Loaded> loaded;

    /// @param first what the file held at the start
    ReloadedKeys(IssuerKeyStore file, Duration every, InstantSource clock, IssuerKeySet first) {
        this.file = file;
        this.every = every;
        this.clock = clock;
        this.loaded = new AtomicReference<>(new Loaded(first, clock.instant()));
    }

    private record Loaded(IssuerKeySet keys, Instant at) {}

    @Override
    public IssuerKeySet get() {
        var now = clock.instant();
        var before = loaded.get();
        if (now.isBefore(before.at.plus(every))) {
            return before.keys;
        }
        // One of those who find it old reads it; the others take what there is.
        var pending = new Loaded(before.keys, now);
        if (!loaded.compareAndSet(before, pending)) {
            return loaded.get().keys;
        }
        try {
            var keys = file.load();
            loaded.set(new Loaded(keys, now));
            return keys;
        } catch (IOException | TokenFormatException | IllegalArgumentException e) {
            LOG.warn(
                    "The issuer keeps its keys, as their file cannot be used: {}",
                    e.getClass().getSimpleName());
            return before.keys;
        }
    }
}

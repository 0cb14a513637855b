package org.masquerelay.cli.token;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.masquerelay.token.Token;

/// Keeps a few tokens ahead, so that a tunnel does not wait for the issuer.
///
/// The stock is for the challenge that was asked for last, and is filled by one thread at a time,
/// which ends when it is full or the issuer fails.
public final class TokenStock implements TokenSource {
    /// Requests at once: an issuer that is asked for more by everybody has to refuse some.
    private static final int MAX_ASKING = 16;

    private final TokenSource source;
    private final int size;
    private final Semaphore asking = new Semaphore(MAX_ASKING);
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Token> tokens = new ArrayDeque<>();
    private @Nullable Challenges challenges;
    private boolean filling;

    public TokenStock(TokenSource source, int size) {
        this.source = source;
        this.size = size;
    }

    @Override
    public Token fetch(Challenges wanted) throws IOException {
        var kept = take(wanted);
        return kept == null ? ask(wanted) : kept;
    }

    @Override
    public void distrust() {
        lock.lock();
        try {
            tokens.clear();
            challenges = null;
        } finally {
            lock.unlock();
        }
    }

    private Token ask(Challenges wanted) throws IOException {
        try {
            asking.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(e);
        }
        try {
            return source.fetch(wanted);
        } finally {
            asking.release();
        }
    }

    private @Nullable Token take(Challenges wanted) {
        lock.lock();
        try {
            if (!wanted.equals(challenges)) {
                tokens.clear();
                challenges = wanted;
            }
            var token = tokens.poll();
            if (!filling) {
                filling = true;
                Thread.ofVirtual().name("token-stock").start(this::fill);
            }
            return token;
        } finally {
            lock.unlock();
        }
    }

    private void fill() {
        try {
            for (var wanted = nextWanted(); wanted != null; wanted = nextWanted()) {
                put(wanted, ask(wanted));
            }
        } catch (IOException | RejectedExecutionException e) {
            stopFilling(); // Who needs a token next asks the issuer, and hears what is wrong.
        }
    }

    private @Nullable Challenges nextWanted() {
        lock.lock();
        try {
            var wanted = tokens.size() < size ? challenges : null;
            filling = wanted != null;
            return wanted;
        } finally {
            lock.unlock();
        }
    }

    private void put(Challenges wanted, Token token) {
        lock.lock();
        try {
            if (wanted.equals(challenges)) {
                tokens.add(token);
            }
        } finally {
            lock.unlock();
        }
    }

    private void stopFilling() {
        lock.lock();
        try {
            filling = false;
        } finally {
            lock.unlock();
        }
    }
}

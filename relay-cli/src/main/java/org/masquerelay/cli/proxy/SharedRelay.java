package org.masquerelay.cli.proxy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.token.RelayConnection;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.wire.HostPort;

/// The one connection to the relay that all clients share; who needs it after it was lost dials
/// again.
///
/// One lock guards which connection is current; nobody waits while holding it.
public final class SharedRelay implements Tunnels, AutoCloseable {
    private final Dialer dialer;
    private final HostPort origin;
    private final Consumer<String> notices;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<RelayLink> links = new HashSet<>();
    private @Nullable CompletableFuture<RelayLink> current;
    private Reach reach = Reach.UNKNOWN;
    private boolean closed;

    /// Makes connections to the relay, and waits until they are up.
    public interface Dialer {
        RelayConnection dial() throws IOException;
    }

    private enum Reach {
        UNKNOWN,
        REACHED,
        LOST
    }

    private interface Opening<T> {
        T on(RelayLink link) throws IOException;
    }

    /// @param origin where the relay is reached, for the URIs of its token issuer
    /// @param notices hears in a sentence when the relay cannot be reached, and when it can again
    public SharedRelay(Dialer dialer, HostPort origin, Consumer<String> notices) {
        this.dialer = dialer;
        this.origin = origin;
        this.notices = notices;
    }

    /// Makes sure that there is a connection; tunnels would dial by themselves.
    public void connect() throws IOException {
        lease().release();
    }

    @Override
    public TcpTunnel openTcp(HostPort target) throws IOException {
        return open(link -> link.openTcp(target));
    }

    @Override
    public UdpTunnel openUdp(HostPort target) throws IOException {
        return open(link -> link.openUdp(target));
    }

    /// A request that has failed says little about its connection, so that is asked for something
    /// else before it is given up; then there is one more try on another.
    private <T> T open(Opening<T> opening) throws IOException {
        var link = lease();
        try {
            return openOn(link, opening);
        } catch (TunnelRefusedException refused) {
            throw refused;
        } catch (IOException failure) {
            if (link.answers()) {
                throw failure;
            }
            retire(link);
        }
        return openOn(lease(), opening);
    }

    private static <T> T openOn(RelayLink link, Opening<T> opening) throws IOException {
        boolean opened = false;
        try {
            T tunnel = opening.on(link);
            opened = true;
            return tunnel;
        } catch (RejectedExecutionException closing) {
            throw new IOException("the connection to the relay was closed", closing);
        } finally {
            if (!opened) {
                link.release();
            }
        }
    }

    /// The current connection, claimed for one more tunnel. Who finds none dials, and the others
    /// wait for the outcome.
    @SuppressWarnings("ReferenceEquality") // Whose dial it is.
    private RelayLink lease() throws IOException {
        while (true) {
            var dialled = new CompletableFuture<RelayLink>();
            var future = currentOr(dialled);
            if (future == dialled) {
                dialInto(dialled);
            }
            var link = await(future);
            if (link.lease()) {
                return link;
            }
            forget(future);
        }
    }

    private CompletableFuture<RelayLink> currentOr(CompletableFuture<RelayLink> dialled)
            throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IOException("the proxy is closed");
            }
            if (current == null) {
                current = dialled;
            }
            return current;
        } finally {
            lock.unlock();
        }
    }

    private void dialInto(CompletableFuture<RelayLink> dialled) {
        try {
            var link = new RelayLink(dialer.dial(), origin);
            reached(link);
            dialled.complete(link);
        } catch (IOException | RuntimeException failure) {
            forget(dialled);
            notReached(failure);
            dialled.completeExceptionally(failure);
        }
    }

    private void reached(RelayLink link) {
        boolean again;
        boolean late;
        lock.lock();
        try {
            again = reach == Reach.LOST;
            reach = Reach.REACHED;
            late = closed;
            links.add(link);
        } finally {
            lock.unlock();
        }
        if (late) {
            link.close();
        } else if (again) {
            notices.accept("the relay is reached again");
        }
    }

    private void notReached(Exception failure) {
        boolean news;
        lock.lock();
        try {
            news = reach == Reach.REACHED && !closed;
            reach = news ? Reach.LOST : reach;
        } finally {
            lock.unlock();
        }
        if (news) {
            notices.accept("the relay cannot be reached: " + failure.getMessage());
        }
    }

    @SuppressWarnings("ReferenceEquality") // Another dial may have taken its place.
    private void forget(CompletableFuture<RelayLink> future) {
        lock.lock();
        try {
            if (current == future) {
                current = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private static RelayLink await(CompletableFuture<RelayLink> future) throws IOException {
        try {
            return future.get();
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof IOException io
                    ? new IOException(io.getMessage(), io)
                    : new IOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted").initCause(interrupted);
        }
    }

    /// Who leases next finds it retired, and forgets it.
    private void retire(RelayLink link) {
        lock.lock();
        try {
            links.remove(link);
        } finally {
            lock.unlock();
        }
        link.retire();
    }

    /// Ends the connection with all tunnels. What is being opened fails.
    @Override
    public void close() {
        List<RelayLink> open;
        lock.lock();
        try {
            closed = true;
            open = List.copyOf(links);
            links.clear();
        } finally {
            lock.unlock();
        }
        open.forEach(RelayLink::close);
    }
}

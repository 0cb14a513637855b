package org.masquerelay.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.masquerelay.testkit.RawH2Options.Automatic;
import org.masquerelay.transport.TlsMaterial;

/// An HTTP/2 client over TLS that does what a test tells it, right or wrong, and reports what it
/// sees. Blocks.
///
/// What is sent is never checked against what the peer allows, except by [RawH2Stream#pour].
public final class RawH2Client implements AutoCloseable {
    private static final long LIMIT_SECONDS = 10;

    private final RawTls tls;
    private final RawH2Observed observed;
    private final AtomicInteger nextStreamId = new AtomicInteger(1);

    /// A GOAWAY frame (RFC 9113, section 6.8), with its debug data as text.
    public record GoAway(int lastStreamId, long code, String debug) {}

    private RawH2Client(RawTls tls, RawH2Observed observed) {
        this.tls = tls;
        this.observed = observed;
    }

    public static RawH2Client connect(InetSocketAddress address, TlsMaterial tls)
            throws IOException {
        return connect(address, tls, RawH2Options.STANDARD);
    }

    /// A connection that has sent its opening, and has not waited for the peer's SETTINGS.
    public static RawH2Client connect(
            InetSocketAddress address, TlsMaterial material, RawH2Options options)
            throws IOException {
        var tls = RawTls.connect(address, material, options.alpn());
        try {
            tls.waitWithoutLimit();
            var observed = new RawH2Observed(tls, options);
            var client = new RawH2Client(tls, observed);
            client.open(options);
            // Not before, as an automatic answer must not come ahead of the preface.
            Thread.ofVirtual().name("raw-h2").start(observed::read);
            return client;
        } catch (IOException failure) {
            tls.close();
            throw failure;
        }
    }

    private void open(RawH2Options options) throws IOException {
        switch (options.opening()) {
            case NOTHING -> {}
            case PREFACE -> send(H2Bytes.preface());
            case PREFACE_AND_SETTINGS ->
                    send(H2Bytes.preface(), H2Bytes.settings(options.settingsArray()));
        }
    }

    /// The connection below, to be ended in every way. Only this client reads from it.
    public RawTls tls() {
        return tls;
    }

    /// A stream of the next odd identifier, on which nothing is sent yet.
    public RawH2Stream open() {
        return stream(nextStreamId.getAndAdd(2));
    }

    /// Any stream.
    public RawH2Stream stream(int id) {
        return new RawH2Stream(id, tls, observed);
    }

    /// A new stream with a head of these names and values in turn, which does not end it.
    public RawH2Stream request(String... namesAndValues) throws IOException {
        var stream = open();
        stream.request(namesAndValues);
        return stream;
    }

    /// Sends any bytes at once, with no other frame in between.
    public void send(byte[]... bytes) throws IOException {
        tls.send(RawBytes.concat(bytes));
    }

    /// Sends SETTINGS. Heads are decoded with the table size that the opening announced.
    public void settings(long... identifiersAndValues) throws IOException {
        send(H2Bytes.settings(identifiersAndValues));
    }

    public void ping(long opaque) throws IOException {
        send(H2Bytes.ping(0, opaque));
    }

    /// WINDOW_UPDATE of the connection.
    public void windowUpdate(long increment) throws IOException {
        send(H2Bytes.windowUpdate(0, increment));
    }

    /// From now on this is done, or not.
    public void automatic(Automatic kind, boolean wanted) {
        if (wanted) {
            observed.automatic.add(kind);
        } else {
            observed.automatic.remove(kind);
        }
    }

    /// From now on nothing is read, but for one frame that may be under way.
    public void pause() throws InterruptedException {
        observed.reading.acquire();
    }

    public void resume() {
        observed.reading.release();
    }

    /// The peer's first SETTINGS frame.
    public Map<Integer, Long> awaitSettings() throws IOException {
        return get(observed.settings);
    }

    /// Waits until so many of our SETTINGS frames were acknowledged.
    public void awaitSettingsAcks(int count) {
        Await.until("SETTINGS acknowledged", () -> observed.settingsAcks.get() >= count);
    }

    /// The opaque data of the next acknowledged PING.
    public long awaitPingAck() throws InterruptedException {
        return next(observed.pingAcks, "PING ACK");
    }

    /// How many acknowledged PINGs have not been taken yet.
    public int pingAcks() {
        return observed.pingAcks.size();
    }

    /// The opaque data of the next PING of the peer.
    public long awaitPing() throws InterruptedException {
        return next(observed.pings, "PING");
    }

    /// The next GOAWAY frame.
    public GoAway awaitGoAway() throws InterruptedException {
        return next(observed.goAways, "GOAWAY");
    }

    /// The next frame of a type that nothing else here is about: PUSH_PROMISE, PRIORITY, and what
    /// RFC 9113 does not know.
    public H2Frame awaitOther() throws InterruptedException {
        return next(observed.others, "other frame");
    }

    /// The sum of the connection's WINDOW_UPDATEs.
    public long windowUpdates() {
        return observed.windows.updates(0);
    }

    /// How the connection ends; waits for it.
    public TlsEnd awaitEnd() throws IOException {
        return get(observed.end);
    }

    public boolean isOpen() {
        return !observed.end.isDone();
    }

    private <T> T next(BlockingQueue<T> queue, String what) throws InterruptedException {
        // Nothing more comes after the end.
        Await.until(what, () -> !queue.isEmpty() || !isOpen());
        var next = queue.poll();
        if (next == null) {
            throw new AssertionError("no " + what + ", but " + observed.end.join());
        }
        return next;
    }

    private <T> T get(CompletableFuture<T> future) throws IOException {
        try {
            CompletableFuture.anyOf(future, observed.end).get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause());
        } catch (TimeoutException late) {
            throw new IOException("not within " + LIMIT_SECONDS + " s", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
        if (!future.isDone()) {
            throw new IOException("the connection ended: " + observed.end.join());
        }
        return future.join();
    }

    /// close_notify and FIN, without GOAWAY.
    @Override
    public void close() {
        tls.close();
    }
}

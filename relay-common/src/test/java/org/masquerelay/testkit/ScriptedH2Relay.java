package org.masquerelay.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;

/// Writes the frames of HTTP/2 by hand.
public final class ScriptedH2Relay implements ScriptedRelay {
    private static final int PREFACE = 24;

    private final RawTls.Listener listener;
    private final TlsMaterial material;
    private final RawH2Options options;
    private @Nullable RawTls tls;
    private @Nullable RawH2Observed observed;
    // Netty leaves out the stream of an upgrade.
    private int nextStreamId = 3;

    /// @param options its SETTINGS, and what it does by itself
    public ScriptedH2Relay(TlsMaterial material, RawH2Options options) throws IOException {
        this.listener = new RawTls.Listener();
        this.material = material;
        this.options = options;
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    @Override
    public Incoming next() throws IOException, InterruptedException {
        if (tls == null || observed == null) {
            tls = RawTls.accept(listener, material, List.of("h2"));
            tls.read(PREFACE);
            tls.send(H2Bytes.settings(options.settingsArray()));
            tls.waitWithoutLimit();
            observed = new RawH2Observed(tls, options);
            Thread.ofVirtual().name("scripted-h2").start(observed::read);
        }
        var stream = new RawH2Stream(nextStreamId, tls, observed);
        nextStreamId += 2;
        return new Request(stream, stream.awaitHead().fields());
    }

    /// PING frames that have come on the connection of a request.
    public int pings() {
        return observed == null ? 0 : observed.pings.size();
    }

    private record Request(RawH2Stream stream, HeaderFields fields) implements Incoming {
        @Override
        public String path() {
            return fields.first(":path").orElseThrow();
        }

        @Override
        public void answer(int status, String... namesAndValues) throws IOException {
            stream.request(RawH3Server.head(status, namesAndValues));
        }

        @Override
        public void send(byte[] content) throws IOException, InterruptedException {
            stream.pour(content);
        }

        @Override
        public byte[] bytes(int count) throws InterruptedException {
            return stream.awaitBytes(count);
        }

        @Override
        public void finish() throws IOException {
            stream.finish();
        }

        @Override
        public void reset(long code) throws IOException {
            stream.reset(code);
        }

        @Override
        public long awaitReset() throws InterruptedException {
            return stream.awaitReset();
        }
    }

    @Override
    public void close() {
        if (tls != null) {
            tls.close();
        }
        try {
            listener.close();
        } catch (IOException _) {
            // As good as closed.
        }
    }
}

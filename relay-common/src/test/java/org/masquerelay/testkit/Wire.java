package org.masquerelay.testkit;

import io.netty.handler.codec.http3.Http3Settings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.testkit.WireExchange.Answer;
import org.masquerelay.transport.ConnectionSettings;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.ResetCause;

/// The same script over every HTTP version: one connection of HTTP/2 or HTTP/3, or one of HTTP/1.1
/// for each request.
///
/// It announces no HTTP Datagrams over HTTP/3, so that datagrams are capsules everywhere. Blocks.
public final class Wire implements AutoCloseable {
    private final HttpVersion version;
    private final InetSocketAddress address;
    private final TlsMaterial tls;
    private final List<RawH1Client> h1 = new ArrayList<>();
    private @Nullable RawH2Client h2;
    private @Nullable RawH3Client h3;

    private Wire(HttpVersion version, InetSocketAddress address, TlsMaterial tls) {
        this.version = version;
        this.address = address;
        this.tls = tls;
    }

    /// Connects when the first request is sent.
    public static Wire to(HttpVersion version, InetSocketAddress address, TlsMaterial tls) {
        return new Wire(version, address, tls);
    }

    public HttpVersion version() {
        return version;
    }

    /// The status of a tunnel that is opened by an extended CONNECT or by an upgrade.
    public int opened() {
        return version == HttpVersion.H1 ? 101 : 200;
    }

    /// How a reset for this cause looks like; see [WireExchange#awaitReset].
    public long code(ResetCause cause) {
        return switch (version) {
            case H1 -> -1;
            case H2 -> cause.h2Code();
            case H3 -> cause.h3Code();
        };
    }

    /// Sends a head that does not end the request.
    public WireExchange ask(WireRequest request) throws IOException {
        return switch (version) {
            case H1 -> {
                var client = RawH1Client.connect(address, tls);
                h1.add(client);
                client.request(request.lines());
                yield new OverH1(client);
            }
            case H2 -> {
                if (h2 == null) {
                    h2 = RawH2Client.connect(address, tls);
                }
                yield new OverH2(h2.request(request.section()));
            }
            case H3 -> {
                if (h3 == null) {
                    h3 = RawH3Client.connect(address, tls, ConnectionSettings.STANDARD, capsules());
                }
                yield new OverH3(h3.request(request.section()));
            }
        };
    }

    private static Http3Settings capsules() {
        return new Http3Settings().qpackMaxTableCapacity(0).qpackBlockedStreams(0);
    }

    private record OverH1(RawH1Client client) implements WireExchange {
        @Override
        public Answer answer() throws IOException {
            while (true) {
                var head = client.awaitHead();
                if (head.status() == 101 || head.status() >= 200) {
                    return new Answer.Head(head.status(), head.fields());
                }
            }
        }

        @Override
        public void send(byte[] content) throws IOException {
            client.send(content);
        }

        @Override
        public byte[] bytes(int count) throws IOException {
            return client.awaitBytes(count);
        }

        @Override
        public byte[] rest() throws IOException {
            var rest = client.rest();
            var end = client.awaitEnd();
            if (!(end instanceof TlsEnd.CloseNotify)) {
                throw new AssertionError("no clean end: " + end);
            }
            return rest;
        }

        @Override
        public void finish() throws IOException {
            client.finish();
        }

        @Override
        public void reset() throws IOException {
            client.reset();
        }

        @Override
        public long awaitReset() throws IOException {
            var end = client.awaitEnd();
            if (!(end instanceof TlsEnd.Reset)) {
                throw new AssertionError("no reset: " + end);
            }
            return -1;
        }
    }

    private record OverH2(RawH2Stream stream) implements WireExchange {
        @Override
        public Answer answer() throws InterruptedException {
            while (true) {
                switch (stream.next()) {
                    case RawH2Stream.Event.Head(int status, var fields) -> {
                        if (status >= 200) {
                            return new Answer.Head(status, fields);
                        }
                    }
                    case RawH2Stream.Event.Reset(long code) -> {
                        return new Answer.Reset(code);
                    }
                    case RawH2Stream.Event other ->
                            throw new AssertionError("expected an answer: " + other);
                }
            }
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
        public byte[] rest() throws InterruptedException {
            return stream.awaitEnd();
        }

        @Override
        public void finish() throws IOException {
            stream.finish();
        }

        @Override
        public void reset() throws IOException {
            stream.reset(ResetCause.CANCELLED.h2Code());
        }

        @Override
        public long awaitReset() throws InterruptedException {
            return stream.awaitReset();
        }
    }

    private record OverH3(RawH3Stream stream) implements WireExchange {
        @Override
        public Answer answer() throws InterruptedException {
            while (true) {
                switch (stream.next()) {
                    case RawH3Stream.Event.Head(int status, var fields) -> {
                        if (status >= 200) {
                            return new Answer.Head(status, fields);
                        }
                    }
                    case RawH3Stream.Event.Reset(long code) -> {
                        return new Answer.Reset(code);
                    }
                    case RawH3Stream.Event other ->
                            throw new AssertionError("expected an answer: " + other);
                }
            }
        }

        @Override
        public void send(byte[] content) {
            stream.data(content);
        }

        @Override
        public byte[] bytes(int count) throws InterruptedException {
            return stream.bytes(count);
        }

        @Override
        public byte[] rest() throws InterruptedException {
            return stream.rest();
        }

        @Override
        public void finish() {
            stream.fin();
        }

        @Override
        public void reset() {
            stream.reset(ResetCause.CANCELLED.h3Code());
        }

        @Override
        public long awaitReset() throws InterruptedException {
            return stream.resetCode();
        }
    }

    @Override
    public void close() {
        h1.forEach(RawH1Client::close);
        if (h2 != null) {
            h2.close();
        }
        if (h3 != null) {
            h3.close();
        }
    }
}

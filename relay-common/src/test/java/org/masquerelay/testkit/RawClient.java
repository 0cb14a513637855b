package org.masquerelay.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.KeyExporter;
import org.masquerelay.tunnel.ResetCause;

/// Asks a relay for tunnels over one HTTP version, of which HTTP/1.1 takes a connection for each.
/// Blocks.
public abstract sealed class RawClient implements AutoCloseable {
    public static RawClient connect(HttpVersion version, InetSocketAddress address, TlsMaterial tls)
            throws IOException {
        return switch (version) {
            case H3 -> new OverH3(RawH3Client.connect(address, tls));
            case H2 -> new OverH2(RawH2Client.connect(address, tls));
            case H1 -> new OverH1(address, tls);
        };
    }

    /// Classic CONNECT (RFC 9110, section 9.3.6) with more field lines as names and values in turn.
    public abstract RawTunnel connect(String authority, String... fields) throws IOException;

    /// Extended CONNECT (RFC 8441, RFC 9220), or GET with Upgrade (RFC 9110, section 7.8).
    public abstract RawTunnel upgrade(String token, String path, String... fields)
            throws IOException;

    /// An ordinary request without content.
    public abstract RawTunnel request(String method, String path) throws IOException;

    /// The exporter of the connection that the next request goes over.
    public abstract KeyExporter exporter() throws IOException;

    public abstract HttpVersion version();

    @Override
    public abstract void close();

    private static String[] lines(String[] fields, String... pseudo) {
        var lines = new ArrayList<>(Arrays.asList(pseudo));
        lines.addAll(Arrays.asList(fields));
        return lines.toArray(String[]::new);
    }

    private static String[] classic(String authority, String... fields) {
        return lines(fields, ":method", "CONNECT", ":authority", authority);
    }

    private static String[] extended(String token, String path, String... fields) {
        return lines(
                fields,
                ":method",
                "CONNECT",
                ":protocol",
                token,
                ":scheme",
                "https",
                ":authority",
                "localhost",
                ":path",
                path);
    }

    private static String[] plain(String method, String path) {
        return new String[] {
            ":method", method, ":scheme", "https", ":authority", "localhost", ":path", path
        };
    }

    private static final class OverH3 extends RawClient {
        private final RawH3Client client;

        OverH3(RawH3Client client) {
            this.client = client;
        }

        @Override
        public RawTunnel connect(String authority, String... fields) throws IOException {
            return new H3Tunnel(client.request(classic(authority, fields)));
        }

        @Override
        public RawTunnel upgrade(String token, String path, String... fields) throws IOException {
            return new H3Tunnel(client.request(extended(token, path, fields)));
        }

        @Override
        public RawTunnel request(String method, String path) throws IOException {
            var stream = client.request(plain(method, path));
            stream.fin();
            return new H3Tunnel(stream);
        }

        @Override
        public KeyExporter exporter() {
            return client.exporter();
        }

        @Override
        public HttpVersion version() {
            return HttpVersion.H3;
        }

        @Override
        public void close() {
            client.close();
        }
    }

    private record H3Tunnel(RawH3Stream stream) implements RawTunnel {
        @Override
        public Head awaitHead() throws InterruptedException {
            var head = stream.head();
            return new Head(head.status(), head.fields());
        }

        @Override
        public void send(byte[] bytes) {
            stream.data(bytes);
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
        public byte[] awaitBytes(int count) throws InterruptedException {
            return stream.bytes(count);
        }

        @Override
        public byte[] awaitEnd() throws InterruptedException {
            return stream.rest();
        }

        @Override
        public void awaitReset(ResetCause cause) throws InterruptedException {
            expect(cause, cause.h3Code(), stream.resetCode());
        }
    }

    private static final class OverH2 extends RawClient {
        private final RawH2Client client;

        OverH2(RawH2Client client) {
            this.client = client;
        }

        @Override
        public RawTunnel connect(String authority, String... fields) throws IOException {
            return new H2Tunnel(client.request(classic(authority, fields)));
        }

        @Override
        public RawTunnel upgrade(String token, String path, String... fields) throws IOException {
            return new H2Tunnel(client.request(extended(token, path, fields)));
        }

        @Override
        public RawTunnel request(String method, String path) throws IOException {
            var stream = client.request(plain(method, path));
            stream.finish();
            return new H2Tunnel(stream);
        }

        @Override
        public KeyExporter exporter() {
            return client.tls().exporter();
        }

        @Override
        public HttpVersion version() {
            return HttpVersion.H2;
        }

        @Override
        public void close() {
            client.close();
        }
    }

    private record H2Tunnel(RawH2Stream stream) implements RawTunnel {
        @Override
        public Head awaitHead() throws InterruptedException {
            var head = stream.awaitHead();
            return new Head(head.status(), head.fields());
        }

        @Override
        public void send(byte[] bytes) throws IOException, InterruptedException {
            stream.pour(bytes);
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
        public byte[] awaitBytes(int count) throws InterruptedException {
            return stream.awaitBytes(count);
        }

        @Override
        public byte[] awaitEnd() throws InterruptedException {
            return stream.awaitEnd();
        }

        @Override
        public void awaitReset(ResetCause cause) throws InterruptedException {
            while (true) {
                switch (stream.next()) {
                    case RawH2Stream.Event.Reset(long code) -> {
                        expect(cause, cause.h2Code(), code);
                        return;
                    }
                    case RawH2Stream.Event.Head _, RawH2Stream.Event.Data _ -> {}
                    case RawH2Stream.Event other ->
                            throw new AssertionError("expected a reset: " + other);
                }
            }
        }
    }

    private static final class OverH1 extends RawClient {
        private final InetSocketAddress address;
        private final TlsMaterial tls;
        private final List<RawH1Client> clients = new ArrayList<>();
        private @Nullable RawH1Client next;

        OverH1(InetSocketAddress address, TlsMaterial tls) {
            this.address = address;
            this.tls = tls;
        }

        private RawH1Client next() throws IOException {
            var connected = next;
            if (connected == null) {
                connected = RawH1Client.connect(address, tls);
                clients.add(connected);
                next = connected;
            }
            return connected;
        }

        private RawTunnel send(String requestLine, String[] fields, String... more)
                throws IOException {
            var client = next();
            next = null;
            var lines = new ArrayList<>(List.of(requestLine));
            lines.addAll(Arrays.asList(more));
            for (int i = 0; i < fields.length; i += 2) {
                lines.add(fields[i] + ": " + fields[i + 1]);
            }
            client.request(lines.toArray(String[]::new));
            return new H1Tunnel(client);
        }

        @Override
        public RawTunnel connect(String authority, String... fields) throws IOException {
            return send("CONNECT " + authority + " HTTP/1.1", fields, "Host: localhost");
        }

        @Override
        public RawTunnel upgrade(String token, String path, String... fields) throws IOException {
            return send(
                    "GET " + path + " HTTP/1.1",
                    fields,
                    "Host: localhost",
                    "Connection: Upgrade",
                    "Upgrade: " + token);
        }

        @Override
        public RawTunnel request(String method, String path) throws IOException {
            return send(method + " " + path + " HTTP/1.1", new String[0], "Host: localhost");
        }

        @Override
        public KeyExporter exporter() throws IOException {
            return next().tls().exporter();
        }

        @Override
        public HttpVersion version() {
            return HttpVersion.H1;
        }

        @Override
        public void close() {
            clients.forEach(RawH1Client::close);
        }
    }

    private record H1Tunnel(RawH1Client client) implements RawTunnel {
        @Override
        public Head awaitHead() throws IOException {
            var head = client.awaitHead();
            return new Head(head.status(), head.fields());
        }

        @Override
        public void send(byte[] bytes) throws IOException {
            client.send(bytes);
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
        public byte[] awaitBytes(int count) throws IOException {
            return client.awaitBytes(count);
        }

        @Override
        public byte[] awaitEnd() throws IOException {
            var rest = client.rest();
            var end = client.awaitEnd();
            if (!(end instanceof TlsEnd.CloseNotify)) {
                throw new AssertionError("expected close_notify: " + end);
            }
            return rest;
        }

        @Override
        public void awaitReset(ResetCause cause) throws IOException {
            var end = client.awaitEnd();
            if (!(end instanceof TlsEnd.Reset || end instanceof TlsEnd.Truncated)) {
                throw new AssertionError("expected no close_notify: " + end);
            }
        }
    }

    private static void expect(ResetCause cause, long expected, long code) {
        if (code != expected) {
            throw new AssertionError("expected %s, 0x%x: 0x%x".formatted(cause, expected, code));
        }
    }
}

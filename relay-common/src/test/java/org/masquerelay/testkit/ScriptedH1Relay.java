package org.masquerelay.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HeaderFields;

/// Writes the answers of HTTP/1.1 by hand; each request has a connection of its own.
final class ScriptedH1Relay implements ScriptedRelay {
    private final RawTls.Listener listener;
    private final TlsMaterial material;
    private final List<RawH1Client> peers = new CopyOnWriteArrayList<>();

    ScriptedH1Relay(TlsMaterial material) throws IOException {
        this.listener = new RawTls.Listener();
        this.material = material;
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    @Override
    public Incoming next() throws IOException {
        var peer = RawH1Client.over(RawTls.accept(listener, material, List.of("http/1.1")));
        peers.add(peer);
        return new Request(peer, peer.awaitHead());
    }

    private record Request(RawH1Client peer, RawH1Client.Head head) implements Incoming {
        @Override
        public String path() {
            return head.statusLine().split(" ", 3)[1];
        }

        @Override
        public HeaderFields fields() {
            return head.fields();
        }

        @Override
        public void answer(int status, String... namesAndValues) throws IOException {
            int code = status == 200 ? 101 : status;
            var lines = new StringBuilder("HTTP/1.1 " + code + " Scripted\r\n");
            if (code == 101) {
                lines.append("Connection: Upgrade\r\n");
                if (!List.of(namesAndValues).contains("upgrade")) {
                    lines.append("Upgrade: connect-udp\r\n");
                }
            }
            for (int i = 0; i < namesAndValues.length; i += 2) {
                lines.append(namesAndValues[i]).append(": ").append(namesAndValues[i + 1]);
                lines.append("\r\n");
            }
            peer.send(lines + "\r\n");
        }

        @Override
        public void send(byte[] content) throws IOException {
            peer.send(content);
        }

        @Override
        public byte[] bytes(int count) throws IOException {
            return peer.awaitBytes(count);
        }

        @Override
        public void finish() throws IOException {
            peer.finish();
        }

        @Override
        public void reset(long code) throws IOException {
            peer.reset();
        }

        @Override
        public long awaitReset() throws IOException {
            peer.awaitEnd();
            return -1;
        }
    }

    @Override
    public void close() {
        peers.forEach(RawH1Client::close);
        try {
            listener.close();
        } catch (IOException _) {
            // As good as closed.
        }
    }
}

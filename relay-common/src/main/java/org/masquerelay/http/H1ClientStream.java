package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;
import org.masquerelay.transport.EndOfTurn;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RequestHead;
import org.masquerelay.wire.HostPort;

/// One request of ours on a connection of HTTP/1.1. Confined to its event loop.
final class H1ClientStream extends H1MessageStream implements ClientStream {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final H1ClientConnection connection;
    private final HostPort authority;
    private @Nullable ResponseReceiver response;
    private boolean asksForTunnel;
    private @Nullable String token;
    private boolean tunnel;
    private boolean finalHeadRead;
    private boolean keepAlive;
    private int status;
    private HeaderFields fields = HeaderFields.NONE;

    H1ClientStream(
            H1ClientConnection connection,
            SocketChannel channel,
            EndOfTurn endOfTurn,
            HostPort authority) {
        super(channel, endOfTurn);
        this.connection = connection;
        this.authority = authority;
    }

    @Override
    public void ask(RequestHead head, ResponseReceiver receiver) {
        response = receiver;
        receiver(receiver);
        asksForTunnel = head.method().equals(TunnelHeads.CONNECT);
        token = head.protocol();
        var request = request(head);
        for (var line : head.fields()) {
            if (MessageHeads.hasControl(line.value())) {
                receiver.unsent(RelayConnection.Failure.UNSENT);
                return;
            }
            request.headers().add(line.name(), line.value());
        }
        send(request);
        if (asksForTunnel) {
            send(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    private DefaultHttpRequest request(RequestHead head) {
        boolean classic = asksForTunnel && head.protocol() == null;
        var uri = classic ? head.authority() : head.path();
        var request =
                new DefaultHttpRequest(
                        HttpVersion.HTTP_1_1,
                        asksForTunnel && !classic
                                ? HttpMethod.GET
                                : HttpMethod.valueOf(head.method()),
                        uri == null ? "/" : uri);
        var host = classic ? authority.toString() : head.authority();
        request.headers().set("host", host == null ? authority.toString() : host);
        if (head.protocol() != null) {
            request.headers().set("connection", "Upgrade").set("upgrade", head.protocol());
        }
        return request;
    }

    /// A head has come.
    void head(HttpResponse head) {
        int received = head.status().code();
        boolean switched = received == SWITCHING_PROTOCOLS && asksForTunnel;
        if (received < 200 && !switched) {
            return; // The final answer follows.
        }
        boolean upgraded = switched && isUpgrade(head);
        finalHeadRead = true;
        keepAlive = HttpUtil.isKeepAlive(head);
        fields = H1Heads.fields(head.headers());
        if (upgraded) {
            tunnel = true; // Told when the codec is out of the way.
            status = 200;
        } else {
            // A request for an upgrade that succeeds without one is no tunnel.
            status = asksForTunnel && received < 300 ? -1 : received;
            tell();
        }
    }

    // RFC 9298, section 3.3: one Upgrade with the token, and Connection names it; anything else is
    // a failure.
    private boolean isUpgrade(HttpResponse head) {
        var upgrades = head.headers().getAll("upgrade");
        return token != null
                && upgrades.size() == 1
                && upgrades.getFirst().strip().equalsIgnoreCase(token)
                && H1Heads.list(head.headers(), "connection").stream()
                        .anyMatch("upgrade"::equalsIgnoreCase);
    }

    private void tell() {
        if (response != null) {
            response.head(status, fields);
        }
    }

    /// Content of a response; consumed.
    void content(ByteBuf content) {
        if (finalHeadRead && !tunnel && content.isReadable()) {
            received(content);
        } else {
            content.release();
        }
    }

    /// A message is whole.
    void end() {
        if (!finalHeadRead) {
            return; // An interim one.
        }
        if (tunnel) {
            connection.becomeTunnel(this::tell);
            return;
        }
        var receiver = receiver();
        if (receiver != null) {
            receiver.finished();
        }
        connection.responded(keepAlive);
    }

    @Override
    public void write(ByteBuf content) {
        if (tunnel) {
            super.write(content);
        } else {
            send(new DefaultHttpContent(content));
        }
    }

    @Override
    public void finish() {
        if (tunnel) {
            super.finish();
        } else if (!asksForTunnel) {
            send(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        // A refused request for a tunnel was whole from the start.
    }
}

package org.masquerelay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Optional;
import org.masquerelay.tunnel.HeaderFields;

/// One request of a client's connection. Confined to its event loop.
final class H1ServerStream extends H1MessageStream implements ServerStream {
    private final H1ServerConnection connection;
    private final Optional<String> upgrade;
    private boolean answered;

    /// @param upgrade the protocol that an upgrade asks for
    H1ServerStream(H1ServerConnection connection, SocketChannel channel, Optional<String> upgrade) {
        super(channel, connection.endOfTurn());
        this.connection = connection;
        this.upgrade = upgrade;
    }

    @Override
    public void accept(HeaderFields fields) {
        var status =
                upgrade.isPresent()
                        ? HttpResponseStatus.SWITCHING_PROTOCOLS
                        : HttpResponseStatus.OK;
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
        upgrade.ifPresent(token -> {
            response.headers().add("connection", "Upgrade");
            response.headers().add("upgrade", token);
        });
        addTo(response, fields);
        answered = true;
        send(response);
        connection.becomeTunnel();
    }

    @Override
    public void interim(int status) {
        send(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status)));
    }

    @Override
    public void respond(int status, HeaderFields fields, ByteBuf body) {
        var response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), body);
        addTo(response, fields);
        response.headers().set("content-length", body.readableBytes());
        boolean last = connection.isLastRequest();
        if (last) {
            response.headers().set("connection", "close");
        }
        answered = true;
        send(response);
        if (last) {
            finish();
            Discard.rest(this);
            connection.closeSoon();
        } else {
            connection.nextRequest();
        }
    }

    private static void addTo(HttpResponse response, HeaderFields fields) {
        fields.forEach(line -> response.headers().add(line.name(), line.value()));
    }

    /// Before the answer only a little is read: so that a client that gives up is noticed.
    @Override
    public void read() {
        if (answered || connection.hasRoom()) {
            super.read();
        }
    }
}

package org.masquerelay.cli.socks;

import java.io.IOException;

/// A client asks for something that is answered with a refusal.
public final class SocksFault extends IOException {
    private final SocksReply reply;

    public SocksFault(SocksReply reply) {
        super("refused: " + reply);
        this.reply = reply;
    }

    public SocksReply reply() {
        return reply;
    }
}

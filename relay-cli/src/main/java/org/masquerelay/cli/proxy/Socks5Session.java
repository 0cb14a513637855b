package org.masquerelay.cli.proxy;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Semaphore;
import org.masquerelay.cli.socks.SocksAddress;
import org.masquerelay.cli.socks.SocksFault;
import org.masquerelay.cli.socks.SocksGreeting;
import org.masquerelay.cli.socks.SocksReply;
import org.masquerelay.cli.socks.SocksRequest;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.wire.HostPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client that speaks SOCKS 5 (RFC 1928), after the version that it has begun with.
final class Socks5Session {
    private static final Logger LOGGER = LoggerFactory.getLogger(Socks5Session.class);

    private final LocalClient client;
    private final Tunnels tunnels;
    private final LocalProxy.Settings settings;
    private final Semaphore associations;

    /// @param associations of all clients together
    Socks5Session(
            LocalClient client,
            Tunnels tunnels,
            LocalProxy.Settings settings,
            Semaphore associations) {
        this.client = client;
        this.tunnels = tunnels;
        this.settings = settings;
        this.associations = associations;
    }

    void run() throws IOException {
        var in = new DataInputStream(client.input());
        var greeting = SocksGreeting.read(in);
        if (!greeting.offersNoAuthentication()) {
            client.sayFarewell(greeting.answer());
            return;
        }
        client.output().write(greeting.answer());
        try {
            var request = SocksRequest.read(in);
            switch (request.command()) {
                case CONNECT -> connect(request.address());
                case UDP_ASSOCIATE -> associate(request.address());
            }
        } catch (SocksFault fault) {
            client.sayFarewell(fault.reply().message());
        }
    }

    private void connect(SocksAddress address) throws IOException {
        HostPort target =
                address.target().orElseThrow(() -> new SocksFault(SocksReply.HOST_UNREACHABLE));
        client.ready();
        try (TcpTunnel tunnel = open(target)) {
            client.output().write(SocksReply.SUCCEEDED.message());
            new SocketSplice(client, tunnel, settings.halfClosedIdle()).run();
        }
    }

    private TcpTunnel open(HostPort target) throws IOException {
        try {
            var tunnel = tunnels.openTcp(target);
            LOGGER.info("a tunnel to {}", target);
            return tunnel;
        } catch (IOException failure) {
            LOGGER.info("no tunnel to {}: {}", target, failure.getMessage());
            throw new SocksFault(RefusalReplies.socks(failure));
        }
    }

    /// The association ends with the connection that has asked for it (RFC 1928, section 7).
    private void associate(SocksAddress announced) throws IOException {
        if (!associations.tryAcquire()) {
            throw new SocksFault(SocksReply.GENERAL_FAILURE);
        }
        try (var association =
                UdpAssociation.open(client, announced, tunnels, settings.associations())) {
            client.ready();
            Thread.ofVirtual().name("proxy-association").start(association::run);
            client.output().write(SocksReply.SUCCEEDED.message(association.address()));
            client.input().transferTo(OutputStream.nullOutputStream());
        } finally {
            associations.release();
        }
    }
}

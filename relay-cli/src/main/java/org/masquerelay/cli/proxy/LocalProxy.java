package org.masquerelay.cli.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.masquerelay.cli.socks.SocksVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listens for programs on this side of the relay, tells by its first byte what each speaks, and
/// carries it through tunnels. Each client has a virtual thread.
public final class LocalProxy implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(LocalProxy.class);

    private static final int BACKLOG = 128;
    private static final long PAUSE_MILLIS = 100;
    private static final long FAREWELL_SECONDS = 2;

    private final ServerSocket server;
    private final Tunnels tunnels;
    private final Settings settings;
    private final Semaphore slots;
    private final Semaphore associations;
    private final Set<LocalClient> clients = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean closed;

    /// What a client may speak.
    public enum Protocol {
        SOCKS5,
        HTTP
    }

    /// @param maxClients further ones wait until one goes
    /// @param patience how long a client may take to say what it wants
    /// @param halfClosedIdle how long one direction may be silent after the other has ended
    public record Settings(
            InetSocketAddress listen,
            Set<Protocol> protocols,
            int maxClients,
            Duration patience,
            Duration halfClosedIdle,
            int maxAssociations,
            UdpAssociation.Settings associations) {
        public Settings {
            protocols = Set.copyOf(protocols);
        }

        public static Settings standard(
                InetSocketAddress listen, Set<Protocol> protocols, int maxClients) {
            return new Settings(
                    listen,
                    protocols,
                    maxClients,
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(15),
                    64,
                    UdpAssociation.Settings.STANDARD);
        }
    }

    private LocalProxy(ServerSocket server, Tunnels tunnels, Settings settings) {
        this.server = server;
        this.tunnels = tunnels;
        this.settings = settings;
        slots = new Semaphore(settings.maxClients());
        associations = new Semaphore(settings.maxAssociations());
    }

    /// Clients can connect from now on; they are served once somebody calls [#serve()].
    public static LocalProxy listen(Settings settings, Tunnels tunnels) throws IOException {
        var server = new ServerSocket();
        try {
            server.bind(settings.listen(), BACKLOG);
            return new LocalProxy(server, tunnels, settings);
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
    }

    /// Serves clients until [#close()] is called by another thread.
    public void serve() throws InterruptedException {
        while (!closed) {
            slots.acquire();
            try {
                start(server.accept());
            } catch (IOException e) {
                slots.release();
                LOGGER.info("no client can be taken: {}", e.getMessage());
                if (!closed) {
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS); // No descriptors are left.
                }
            }
        }
    }

    /// Hands the slot of this client on to its thread.
    private void start(Socket socket) {
        try {
            var client = new LocalClient(socket, settings.patience());
            clients.add(client);
            threads.execute(() -> run(client));
        } catch (IOException | RejectedExecutionException e) {
            slots.release(); // The client has gone, or this proxy is closing.
            close(socket);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It has gone, which is what was wanted.
        }
    }

    private void run(LocalClient client) {
        try (client) {
            serve(client);
        } catch (IOException | RuntimeException e) {
            LOGGER.info("a client has ended: {}", e.getMessage());
        } finally {
            clients.remove(client);
            slots.release();
        }
    }

    private void serve(LocalClient client) throws IOException {
        client.input().mark(1);
        int first = client.input().read();
        boolean socks = settings.protocols().contains(Protocol.SOCKS5);
        if (socks && first == SocksVersion.FIVE) {
            new Socks5Session(client, tunnels, settings, associations).run();
        } else if (socks && first == SocksVersion.FOUR) {
            client.sayFarewell(SocksVersion.refusalOfFour());
        } else if (first >= 0 && settings.protocols().contains(Protocol.HTTP)) {
            client.input().reset();
            new HttpSession(client, tunnels, settings).run();
        }
    }

    /// Ends all clients.
    @Override
    public void close() {
        closed = true;
        try {
            server.close();
        } catch (IOException e) {
            // It takes no more clients, whatever was wrong.
        }
        clients.forEach(LocalClient::reset);
        threads.shutdown();
        try {
            threads.awaitTermination(FAREWELL_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

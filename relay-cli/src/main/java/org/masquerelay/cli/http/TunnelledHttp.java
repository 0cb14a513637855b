package org.masquerelay.cli.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.time.Duration;
import java.util.List;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import org.masquerelay.wire.HostPort;

/// HTTP clients whose every connection is a TCP tunnel, with TLS end to end to the target.
public final class TunnelledHttp {
    /// What stands for the address that only the egress will know.
    private static final byte[] UNRESOLVED = {0, 0, 0, 0};

    private TunnelledHttp() {}

    /// A client that leaves redirects and failed connections to its user.
    ///
    /// @param timeout for a request from its connection to the end of its answer's head and body
    public static OkHttpClient client(TunnelOpener opener, TargetTrust trust, Duration timeout)
            throws IOException {
        var manager = trust.manager();
        var builder =
                new OkHttpClient.Builder()
                        .socketFactory(new TunnelSockets(opener))
                        .sslSocketFactory(TargetTrust.sockets(manager), manager)
                        .dns(TunnelledHttp::leaveToEgress)
                        .proxy(Proxy.NO_PROXY)
                        .connectionPool(new ConnectionPool())
                        .retryOnConnectionFailure(false)
                        .followRedirects(false)
                        .callTimeout(timeout)
                        .connectTimeout(timeout)
                        .readTimeout(timeout)
                        .writeTimeout(timeout);
        if (trust instanceof TargetTrust.Anything) {
            builder.hostnameVerifier((_, _) -> true);
        }
        return builder.build();
    }

    /// Ends what a client keeps open.
    public static void close(OkHttpClient client) {
        client.connectionPool().evictAll();
        client.dispatcher().executorService().shutdown();
    }

    private static List<InetAddress> leaveToEgress(String host)
            throws java.net.UnknownHostException {
        var literal = new HostPort(host, 443).literal();
        return List.of(
                literal.isPresent() ? literal.get() : InetAddress.getByAddress(host, UNRESOLVED));
    }
}

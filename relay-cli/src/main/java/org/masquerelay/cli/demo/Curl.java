package org.masquerelay.cli.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import org.masquerelay.cli.proxy.LocalProxy;
import org.masquerelay.cli.proxy.LocalProxy.Protocol;
import org.masquerelay.cli.proxy.SharedRelay;
import org.masquerelay.cli.targets.TargetCertificate;
import org.masquerelay.wire.HostPort;

/// The curl of this machine behind a proxy on a free port, which runs until this is closed.
final class Curl implements AutoCloseable {
    /// What `--write-out` adds to the page.
    private static final int STATUS_DIGITS = 3;

    private final SharedRelay relay;
    private final LocalProxy proxy;
    private final Page page;
    private final Path anchors;

    /// What it gets, and whom it believes there.
    record Page(HostPort host, TargetCertificate certificate) {}

    private Curl(SharedRelay relay, LocalProxy proxy, Page page, Path anchors) {
        this.relay = relay;
        this.proxy = proxy;
        this.page = page;
        this.anchors = anchors;
    }

    static Curl start(SharedRelay.Dialer dialer, HostPort ingress, Page page) throws IOException {
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var settings = LocalProxy.Settings.standard(anyPort, EnumSet.of(Protocol.SOCKS5), 4);
        var relay = new SharedRelay(dialer, ingress, _ -> {});
        var proxy = LocalProxy.listen(settings, relay);
        Thread.ofVirtual().name("demo-proxy").start(() -> serve(proxy));
        var anchors = Files.createTempFile("relay-demo-", ".crt");
        Files.writeString(anchors, page.certificate().pem());
        return new Curl(relay, proxy, page, anchors);
    }

    private static void serve(LocalProxy proxy) {
        try {
            proxy.serve();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The status and the page, or what curl complains of.
    String page() throws IOException, InterruptedException {
        Process curl;
        try {
            curl = command().redirectErrorStream(true).start();
        } catch (IOException e) {
            return "no curl on the PATH";
        }
        try (var out = curl.getInputStream()) {
            String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            return curl.waitFor() == 0 ? statusFirst(text) : text.strip();
        } finally {
            curl.destroyForcibly();
        }
    }

    private static String statusFirst(String text) {
        int end = text.length() - STATUS_DIGITS;
        return text.substring(end) + " " + text.substring(0, end);
    }

    /// Without the settings of its user, and with a name that only the egress can resolve.
    private ProcessBuilder command() {
        return new ProcessBuilder(
                "curl",
                "--disable",
                "--silent",
                "--show-error",
                "--noproxy",
                "",
                "--max-time",
                Long.toString(Client.TIMEOUT.toSeconds()),
                "--socks5-hostname",
                "127.0.0.1:" + proxy.address().getPort(),
                "--cacert",
                anchors.toString(),
                "--write-out",
                "%{http_code}",
                "https://" + page.host() + "/");
    }

    @Override
    public void close() throws IOException {
        proxy.close();
        relay.close();
        Files.deleteIfExists(anchors);
    }
}

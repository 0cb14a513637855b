package org.masquerelay.cli.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLException;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.masquerelay.cli.targets.TargetCertificate;
import org.masquerelay.cli.targets.WebTarget;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

final class TunnelledHttpTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final TargetCertificate certificate =
            TargetCertificate.forNames(List.of("web.demo.test"));
    private final TargetTrust trust = new TargetTrust.Only(List.of(certificate.certificate()));
    private final WebTarget web;
    private final List<HostPort> asked = new CopyOnWriteArrayList<>();

    TunnelledHttpTest() throws IOException {
        web = WebTarget.start(certificate);
    }

    @AfterEach
    void close() {
        web.close();
    }

    @Test
    void getsThePageOfANameThatOnlyTheEgressCanResolve() throws Exception {
        assertThat(get(trust, "web.demo.test", "/")).isEqualTo("200 " + WebTarget.PAGE);
        assertThat(asked).containsExactly(new HostPort("web.demo.test", web.port()));
    }

    @Test
    void getsTheEchoOfItsPath() throws Exception {
        assertThat(get(trust, "web.demo.test", "/echo/17")).isEqualTo("200 /echo/17");
    }

    @Test
    void refusesACertificateOfAnotherName() {
        assertThatThrownBy(() -> get(trust, "other.demo.test", "/"))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void refusesACertificateThatNobodyVouchesFor() {
        var strangers = TargetCertificate.forNames(List.of("web.demo.test")).certificate();

        assertThatThrownBy(
                        () -> get(new TargetTrust.Only(List.of(strangers)), "web.demo.test", "/"))
                .isInstanceOf(SSLException.class);
        assertThatThrownBy(() -> get(new TargetTrust.Public(), "web.demo.test", "/"))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void acceptsAnythingWhenToldSo() throws Exception {
        assertThat(get(new TargetTrust.Anything(), "other.demo.test", "/")).startsWith("200 ");
    }

    @Test
    void passesTheRelaysRefusalOn() {
        TunnelOpener refusing =
                _ -> {
                    throw new TunnelRefusedException(403, HeaderFields.NONE);
                };

        assertThatThrownBy(() -> get(refusing, trust, "web.demo.test", "/"))
                .isInstanceOfSatisfying(
                        TunnelRefusedException.class,
                        refusal -> assertThat(refusal.status()).isEqualTo(403));
    }

    private String get(TargetTrust trust, String host, String path) throws IOException {
        TunnelOpener opener =
                target -> {
                    asked.add(target);
                    return SocketTunnel.to(web.port());
                };
        return get(opener, trust, host, path);
    }

    private String get(TunnelOpener opener, TargetTrust trust, String host, String path)
            throws IOException {
        var http = TunnelledHttp.client(opener, trust, PATIENCE);
        var url = "https://" + host + ":" + web.port() + path;
        try (var response = http.newCall(new Request.Builder().url(url).build()).execute()) {
            return response.code() + " " + response.body().string();
        } finally {
            TunnelledHttp.close(http);
        }
    }
}

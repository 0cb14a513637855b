package org.masquerelay.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.ClientAuth;
import io.netty.util.concurrent.Ticker;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.masquerelay.testkit.Await;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;

@Timeout(60)
final class ShownCertificatesTest {
    private static final ClientCa CA = ClientCa.root("clients");

    @Test
    void noticesWithinAMinuteThatACertificateHasExpired() {
        var end = Instant.now().plusSeconds(2);
        var client = new Client("CN=brief", List.of(), KeyPurposeId.id_kp_clientAuth, end);
        var chain = CA.issue(client, List.of()).chain();
        var material = TlsMaterial.trusting(List.of(CA.certificate()));
        var ticker = Ticker.newMockTicker();
        var shown = new ShownCertificates(() -> material, ClientAuth.REQUIRE, ticker);

        var standing = shown.standing(chain);
        assertThat(standing.stands()).isTrue();
        Await.until("the certificate has expired", () -> Instant.now().isAfter(end));
        ticker.advance(1, TimeUnit.MINUTES);

        assertThat(standing.stands()).isFalse();
    }
}

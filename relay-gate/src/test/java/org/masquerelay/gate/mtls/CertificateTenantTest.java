package org.masquerelay.gate.mtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.masquerelay.gate.mtls.CertificateTenant.CN;
import static org.masquerelay.gate.mtls.CertificateTenant.SPIFFE;
import static org.masquerelay.gate.mtls.CertificateTenant.SPIFFE_OR_CN;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;
import org.masquerelay.tunnel.Tenant;

final class CertificateTenantTest {
    private static final ClientCa CA = ClientCa.root("clients");

    private static X509Certificate certificate(Client client) {
        return CA.issue(client, List.of()).chain().getFirst();
    }

    private static Optional<Tenant> tenant(String id) {
        return Optional.of(new Tenant(id));
    }

    @ParameterizedTest
    @ValueSource(strings = {"spiffe://example.org", "spiffe://example.org/ns/a_b/SA/c-1.2"})
    void takesTheSpiffeIdAsItStands(String id) {
        var leaf = certificate(Client.of("alice", id));
        assertThat(SPIFFE.of(leaf)).isEqualTo(tenant(id));
        assertThat(SPIFFE_OR_CN.of(leaf)).isEqualTo(tenant(id));
        assertThat(CN.of(leaf)).isEqualTo(tenant("alice"));
    }

    @Test
    void takesTheCommonNameWhereThereIsNoUri() {
        var leaf = certificate(Client.of("alice"));
        assertThat(SPIFFE_OR_CN.of(leaf)).isEqualTo(tenant("alice"));
        assertThat(SPIFFE.of(leaf)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.org/a",
                "SPIFFE://example.org/a",
                "spiffe:///a",
                "spiffe://Example.org/a",
                "spiffe://example.org:8443/a",
                "spiffe://user@example.org/a",
                "spiffe://example.org/",
                "spiffe://example.org/a/",
                "spiffe://example.org//a",
                "spiffe://example.org/a/../b",
                "spiffe://example.org/a?b",
                "spiffe://example.org/a%20b"
            })
    void takesNoOtherUri(String uri) {
        assertThat(SPIFFE_OR_CN.of(certificate(Client.of("alice", uri)))).isEmpty();
    }

    @Test
    void takesNoneOfSeveralNames() {
        var two = certificate(Client.of("alice", "spiffe://a/b", "spiffe://a/c"));
        assertThat(SPIFFE_OR_CN.of(two)).isEmpty();
        assertThat(CN.of(certificate(Client.of("").withSubject("CN=alice,CN=bob")))).isEmpty();
        assertThat(CN.of(certificate(Client.of("").withSubject("CN=alice+UID=7")))).isEmpty();
        assertThat(CN.of(certificate(Client.of("").withSubject("O=alice")))).isEmpty();
    }

    @Test
    void takesNoCommonNameForASpiffeId() {
        var leaf = certificate(Client.of("spiffe://example.org/ns/a"));
        assertThat(SPIFFE_OR_CN.of(leaf)).isEmpty();
        assertThat(SPIFFE.of(leaf)).isEmpty();
    }

    @Test
    void takesNoCommonNameThatIsNoTenant() {
        assertThat(CN.of(certificate(Client.of("alice and bob")))).isEmpty();
        assertThat(CN.of(certificate(Client.of("älice")))).isEmpty();
        assertThat(CN.of(certificate(Client.of("alice").withSubject("CN=a\\,b"))))
                .isEqualTo(tenant("a,b"));
    }
}

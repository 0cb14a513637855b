package org.masquerelay.boot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.masquerelay.testkit.ClientCa;
import org.masquerelay.testkit.ClientCa.Client;

final class RevocationListTest {
    private static final ClientCa CA = ClientCa.root("clients");
    private static final X509Certificate ALICE =
            CA.issue(Client.of("alice"), List.of()).chain().getFirst();

    private static List<X509CRL> read(X509CRL list, ClientCa... trusted) throws Exception {
        var anchors = List.of(trusted).stream().map(ClientCa::certificate).toList();
        return RevocationList.read("a.property", list.getEncoded(), anchors);
    }

    @Test
    void takesTheListOfATrustedAuthority() throws Exception {
        assertThat(read(CA.revoking(ALICE), CA).getFirst().isRevoked(ALICE)).isTrue();
    }

    @Test
    void takesTheListOfOneOfTwoTrustedAuthoritiesOfOneName() throws Exception {
        assertThat(read(CA.revoking(ALICE), ClientCa.root("clients"), CA)).hasSize(1);
    }

    @Test
    void takesTheListOfAnAuthorityThatOnlyAChainWillShow() throws Exception {
        assertThat(read(CA.intermediate("below").revoking(ALICE), CA)).hasSize(1);
    }

    @Test
    void refusesAListThatTheAuthorityOfItsNameDidNotSign() {
        var forged = ClientCa.root("clients").revoking(ALICE);
        assertThatThrownBy(() -> read(forged, CA))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "it holds a list in the name of a trusted authority that did not sign it");
    }
}

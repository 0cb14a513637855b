package org.masquerelay.egress.policy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.masquerelay.egress.rule.RuleFormatException;
import org.masquerelay.tunnel.Tenant;

final class TenantRulesTest {
    @Test
    @DisplayName("hardening guide, step 3: the file as it stands there")
    void readsTheFileOfTheHardeningGuide() throws Exception {
        var rules =
                TenantRules.parse(
                        """
                        # /etc/nginx/masque-targets.conf
                        # tenant SAN URI protocol destination ports dscp
                        spiffe://gw/tenant/finance udp 8.8.8.8 53,853 af11
                        spiffe://gw/tenant/finance udp 1.1.1.1 53,853 af11

                        spiffe://gw/tenant/sre-tooling\tudp  monitoring.corp 8472,4789 cs0
                        spiffe://gw/tenant/dev udp 10.50.0.0/16 * cs0 # a comment
                        alice tcp *.example.com 443
                        """
                                .getBytes(UTF_8));
        assertThat(rules.tenants()).isEqualTo(4);
        assertThat(rules.rules()).isEqualTo(5);
        assertThat(rules.of(Optional.of(new Tenant("alice")))).isPresent();
        assertThat(rules.of(Optional.of(new Tenant("bob")))).isEmpty();
        assertThat(rules.of(Optional.empty())).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("hardening guide, step 3: a wildcard is never for all tenants")
    @CsvSource(
            delimiter = '|',
            value = {
                "* udp 8.8.8.8 53 | line 2: a * in the tenant would be a rule for others too",
                "spiffe://gw/* udp 8.8.8.8 53 | line 2: a * in the tenant",
                "caf\u00e9 udp 8.8.8.8 53 | line 2: the tenant is not 1 to 256 printable ASCII",
                "a udp 8.8.8.8 | line 2: a line is tenant, protocol, destination, ports",
                "a udp 8.8.8.8 53 af11 x | line 2: a line is tenant, protocol, destination, ports",
                "a icmp 8.8.8.8 53 | line 2: the protocol is none of",
                "a udp 8.8.8.8/33 53 | line 2: the prefix is longer",
                "a udp 8.8.8.8 853-53 | line 2: a range of ports runs backwards",
                "a udp 8.8.8.8 53 af44 | line 2: the DSCP is none of",
                "# nothing | it has no rules"
            })
    void saysWhichLineIsWrongAndWhy(String line, String problem) {
        assertThatThrownBy(() -> TenantRules.parse(("# one\n" + line + "\n").getBytes(UTF_8)))
                .isInstanceOf(RuleFormatException.class)
                .hasMessageStartingWith(problem)
                .hasMessageNotContaining("8.8.8.8");
    }

    @Test
    void isUtf8AndOfABoundedNumberOfRules() {
        assertThatThrownBy(() -> TenantRules.parse(new byte[] {(byte) 0xe4}))
                .hasMessage("it is not UTF-8");
        var many = "a * * *\n".repeat(TenantRules.MAX_RULES + 1);
        assertThatThrownBy(() -> TenantRules.parse(many.getBytes(UTF_8)))
                .hasMessage("line 500001: there are more than 500000 rules");
    }
}

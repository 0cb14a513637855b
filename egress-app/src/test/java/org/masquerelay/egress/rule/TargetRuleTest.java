package org.masquerelay.egress.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.egress.rule.Destination.Anywhere;
import org.masquerelay.egress.rule.Destination.Below;
import org.masquerelay.egress.rule.Destination.Name;
import org.masquerelay.egress.rule.Destination.Network;
import org.masquerelay.egress.rule.PortRanges.Range;

final class TargetRuleTest {
    @Test
    void readsARuleOfThreeWordsOrOfADestinationAlone() throws Exception {
        assertThat(TargetRule.parse(" tcp,udp  *.Example.COM. 443,8000-8099 "))
                .isEqualTo(
                        new TargetRule(
                                Set.of(Protocol.TCP, Protocol.UDP),
                                new Below("example.com"),
                                new PortRanges(List.of(new Range(443, 443), new Range(8000, 8099))),
                                Optional.empty()));
        assertThat(TargetRule.parse("10.0.0.0/8"))
                .isEqualTo(
                        new TargetRule(
                                Set.of(Protocol.values()),
                                network("10.0.0.0", 8),
                                PortRanges.ALL,
                                Optional.empty()));
    }

    @Test
    @DisplayName("hardening guide, step 3: the columns behind the tenant")
    void readsTheColumnsOfTheHardeningGuide() throws Exception {
        assertThat(TargetRule.of(List.of("udp", "8.8.8.8", "53,853", "af11")))
                .isEqualTo(
                        new TargetRule(
                                Set.of(Protocol.UDP),
                                network("8.8.8.8", 32),
                                PortRanges.of(List.of(53, 853)),
                                Optional.of(new Dscp(10))));
        assertThat(TargetRule.of(List.of("*", "*", "*")).dscp()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "tcp 443", "tcp a.example 443 af11", "sctp a.example 443", "tcp, a 1"})
    void refusesOtherNumbersOfWordsAndOtherProtocols(String text) {
        assertThatThrownBy(() -> TargetRule.parse(text)).isInstanceOf(RuleFormatException.class);
    }

    @Test
    void readsDestinations() throws Exception {
        assertThat(Destination.parse("*")).isEqualTo(new Anywhere());
        assertThat(Destination.parse("Monitoring.corp.")).isEqualTo(new Name("monitoring.corp"));
        assertThat(Destination.parse("*.com")).isEqualTo(new Below("com"));
        assertThat(Destination.parse("b\u00fccher.example"))
                .isEqualTo(new Name("xn--bcher-kva.example"));
        assertThat(Destination.parse("[2001:db8::1]")).isEqualTo(network("2001:db8::1", 128));
        assertThat(Destination.parse("::/0")).isEqualTo(network("::", 0));
        assertThat(Destination.parse("::ffff:10.0.0.0/104")).isEqualTo(network("10.0.0.0", 8));
    }

    @Test
    @DisplayName("case 81: [2001:db8::]/33 is the lower half of 2001:db8::/32")
    void readsPrefixesInBrackets() throws Exception {
        assertThat(Destination.parse("[2001:db8::]/33")).isEqualTo(network("2001:db8::", 33));
        assertThatThrownBy(() -> Destination.parse("[2001:db8:8000::]/32"))
                .hasMessageContaining("has bits set behind its prefix");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1/8",
                "10.0.0.0/33",
                "10.0.0.0/08",
                "10.0.0.0/",
                "10.0.0/8",
                "example.com/8",
                "2001:db8::/129",
                "::ffff:0:0/95",
                "10.0.0",
                "10.0.0.256",
                "0x7f.1",
                "*.10.0.0.1",
                "a.*.example",
                "**.example",
                "*example.com",
                "*.",
                "a..example",
                "stra\u00dfe.example",
                "\uff11.2.3.4",
                "a b",
                "[10.0.0.0]/8",
                "fe80::1%eth0",
            })
    void refusesWhatIsNoDestination(String text) {
        assertThatThrownBy(() -> Destination.parse(text)).isInstanceOf(RuleFormatException.class);
    }

    @Test
    @DisplayName("case 81: 1-1023 has 1, 80 and 1023, and neither 0 nor 1024 nor 8080")
    void readsRangesOfPorts() throws Exception {
        var ports = PortRanges.parse("1-1023");
        for (int port : new int[] {1, 80, 1023}) {
            assertThat(ports.contains(port)).as("%d", port).isTrue();
        }
        for (int port : new int[] {0, 1024, 8080, 65535}) {
            assertThat(ports.contains(port)).as("%d", port).isFalse();
        }
        assertThat(PortRanges.parse("*")).isEqualTo(PortRanges.ALL);
        assertThat(PortRanges.parse("5,1-3,4,9-9").ranges())
                .containsExactly(new Range(1, 5), new Range(9, 9));
        assertThat(PortRanges.parse("0,65535").contains(65535)).isTrue();
    }

    @ParameterizedTest
    @DisplayName("case 81: 443-80 and 80- are errors")
    @ValueSource(
            strings = {"443-80", "80-", "-80", "", "80,", "65536", "+80", "080", "8 0", "1-2-3"})
    void refusesOtherPorts(String text) {
        assertThatThrownBy(() -> PortRanges.parse(text)).isInstanceOf(RuleFormatException.class);
    }

    @ParameterizedTest
    @DisplayName("RFC 2474, 2597, 3246, 5865, 8622: the names of code points")
    @CsvSource({
        "cs0,0", "cs1,8", "cs7,56", "af11,10", "af12,12", "af13,14", "af21,18", "af41,34",
        "af43,38", "ef,46", "va,44", "le,1", "df,0", "0,0", "63,63"
    })
    void readsNamesOfCodePoints(String name, int value) throws Exception {
        assertThat(Dscp.parse(name)).isEqualTo(new Dscp(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cs8", "af14", "af51", "af1", "64", "-1", "01", "EF", ""})
    void refusesOtherCodePoints(String name) {
        assertThatThrownBy(() -> Dscp.parse(name)).isInstanceOf(RuleFormatException.class);
    }

    private static Network network(String address, int length) {
        return new Network(InetAddress.ofLiteral(address), length);
    }
}

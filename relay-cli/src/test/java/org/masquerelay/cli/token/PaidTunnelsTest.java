package org.masquerelay.cli.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.wire.HostPort;

final class PaidTunnelsTest {
    private static final HostPort TARGET = new HostPort("web.demo.test", 443);
    private static final HostPort ORIGIN = new HostPort("localhost", 4443);

    private final IssuingRelay relay = new IssuingRelay();
    private final PaidTunnels tunnels = new PaidTunnels(relay, fetcher());

    @Test
    void paysOnceItIsAsked() throws Exception {
        tunnels.openTcp(TARGET).close();

        assertThat(relay.opened()).containsExactly(TARGET);
        assertThat(relay.refusals()).isEqualTo(1);
    }

    @Test
    void paysUnaskedFromThenOn() throws Exception {
        tunnels.openTcp(TARGET).close();
        tunnels.openUdp(TARGET).close();
        tunnels.openTcp(TARGET).close();

        assertThat(relay.opened()).hasSize(3);
        assertThat(relay.refusals()).isEqualTo(1);
    }

    @Test
    void takesTheFreshChallengeWhenTheOldOneHasGone() throws Exception {
        tunnels.openTcp(TARGET).close();
        relay.changeChallenge();

        tunnels.openTcp(TARGET).close();

        assertThat(relay.opened()).hasSize(2);
        assertThat(relay.refusals()).isEqualTo(2);
    }

    @Test
    void givesUpWhenPayingDoesNotHelp() {
        relay.refuseEverything();

        assertThatThrownBy(() -> tunnels.openTcp(TARGET))
                .isInstanceOf(TunnelRefusedException.class);
        assertThat(relay.refusals()).isEqualTo(2);
    }

    @Test
    void fetchesAnotherTokenEachTime() throws Exception {
        var challenge = Challenges.askFor(relay);

        assertThat(fetcher().fetch(challenge)).isNotEqualTo(fetcher().fetch(challenge));
    }

    @Test
    void takesNoTokenOfAKeyThatOnlyTheChallengeHas() throws Exception {
        var challenge = Challenges.askFor(relay);
        relay.changeKey();

        assertThatThrownBy(() -> fetcher().fetch(challenge))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("key");
    }

    @Test
    void goesToNoIssuerElsewhere() throws Exception {
        var challenge = Challenges.askFor(relay);
        relay.moveIssuer("https://issuer.example/request");

        assertThatThrownBy(() -> fetcher().fetch(challenge))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("elsewhere");
    }

    @Test
    void saysThatARelayHasNoIssuer() throws Exception {
        var challenge = Challenges.askFor(relay);
        relay.closeIssuer();

        assertThatThrownBy(() -> fetcher().fetch(challenge))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("404");
    }

    @Test
    void refusesAnAnswerThatIsNoSignature() throws Exception {
        var challenge = Challenges.askFor(relay);
        relay.answerNonsense();

        assertThatThrownBy(() -> fetcher().fetch(challenge))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("no token: ");
    }

    private TokenFetcher fetcher() {
        return new TokenFetcher(relay, ORIGIN, Clock.systemUTC());
    }
}

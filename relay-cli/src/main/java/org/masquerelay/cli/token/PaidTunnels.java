package org.masquerelay.cli.token;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.masquerelay.client.TcpTunnel;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.client.UdpTunnel;
import org.masquerelay.token.PrivateTokenChallenge.ParameterStyle;
import org.masquerelay.token.PrivateTokenCredentials;
import org.masquerelay.token.Token;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.wire.HostPort;

/// Opens tunnels, and pays for each with a fresh token once the relay has asked for one.
///
/// A challenge is used for as many tokens as the relay takes. Safe for use by several threads.
public final class PaidTunnels {
    private final Relay relay;
    private final TokenSource tokens;
    private final AtomicReference<@Nullable Challenges> challenge = new AtomicReference<>();

    public PaidTunnels(Relay relay, TokenSource tokens) {
        this.relay = relay;
        this.tokens = tokens;
    }

    public TcpTunnel openTcp(HostPort target) throws IOException {
        return open(fields -> relay.openTcp(target, fields));
    }

    public UdpTunnel openUdp(HostPort target) throws IOException {
        return open(fields -> relay.openUdp(target, fields));
    }

    /// The field that pays for one tunnel.
    public static HeaderFields payment(Token token) {
        return payment("authorization", token);
    }

    private static HeaderFields payment(String field, Token token) {
        return HeaderFields.of(field, PrivateTokenCredentials.format(token, ParameterStyle.QUOTED));
    }

    private HeaderFields pay(Challenges challenges) throws IOException {
        return payment(challenges.field(), tokens.fetch(challenges));
    }

    /// Opens what takes the field that pays for it: without one first, unless the relay has asked
    /// for it before.
    public <T> T open(Opening<T> opening) throws IOException {
        var known = challenge.get();
        try {
            return opening.with(known == null ? HeaderFields.NONE : pay(known));
        } catch (TunnelRefusedException e) {
            Challenges fresh = Challenges.in(e).orElseThrow(() -> e);
            if (known != null) {
                tokens.distrust();
            }
            challenge.set(fresh);
            return opening.with(pay(fresh));
        }
    }

    /// Asks for one tunnel.
    public interface Opening<T> {
        /// @throws TunnelRefusedException when the answer is not 2xx
        T with(HeaderFields fields) throws IOException;
    }
}

package org.masquerelay.cli.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.masquerelay.cli.socks.SocksReply;
import org.masquerelay.client.TunnelRefusedException;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.RefusalReason;

final class RefusalRepliesTest {
    /// A failure, and what clients are told.
    record Told(String name, IOException failure, SocksReply reply, int status) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Told> told() {
        return List.of(
                refused(RefusalReason.DESTINATION_PROHIBITED, SocksReply.NOT_ALLOWED, 403),
                refused(RefusalReason.FORBIDDEN, SocksReply.NOT_ALLOWED, 403),
                refused(RefusalReason.DNS_ERROR, SocksReply.HOST_UNREACHABLE, 502),
                refused(RefusalReason.DNS_TIMEOUT, SocksReply.HOST_UNREACHABLE, 504),
                refused(RefusalReason.DESTINATION_UNROUTABLE, SocksReply.NETWORK_UNREACHABLE, 502),
                refused(RefusalReason.CONNECTION_REFUSED, SocksReply.CONNECTION_REFUSED, 502),
                refused(RefusalReason.CONNECTION_TIMEOUT, SocksReply.TTL_EXPIRED, 504),
                refused(RefusalReason.CONNECTION_TERMINATED, SocksReply.GENERAL_FAILURE, 502),
                refused(RefusalReason.TOO_MANY_TUNNELS, SocksReply.GENERAL_FAILURE, 503),
                refused(RefusalReason.UNAUTHENTICATED, SocksReply.GENERAL_FAILURE, 502),
                refused(RefusalReason.INTERNAL, SocksReply.GENERAL_FAILURE, 502),
                new Told("a bare 403", bare(403), SocksReply.NOT_ALLOWED, 403),
                new Told("a bare 504", bare(504), SocksReply.TTL_EXPIRED, 504),
                new Told("a bare 400", bare(400), SocksReply.GENERAL_FAILURE, 502),
                new Told(
                        "silence", new SocketTimeoutException("late"), SocksReply.TTL_EXPIRED, 504),
                new Told("no relay", new IOException("none"), SocksReply.GENERAL_FAILURE, 502));
    }

    @ParameterizedTest
    @MethodSource("told")
    void saysWhatHasFailed(Told told) {
        assertThat(RefusalReplies.socks(told.failure())).isEqualTo(told.reply());
        assertThat(RefusalReplies.status(told.failure())).isEqualTo(told.status());
    }

    @Test
    void believesWhoIsNearestToTheTarget() {
        var failure =
                refusal(
                        502,
                        "\"egress\";error=connection_refused, \"ingress\";error=connection_timeout");

        assertThat(RefusalReplies.socks(failure)).isEqualTo(SocksReply.CONNECTION_REFUSED);
    }

    @Test
    void passesProxyStatusOnAndAddsItself() {
        var failure = refusal(502, "egress;error=dns_error;rcode=\"NXDOMAIN\"");

        assertThat(RefusalReplies.proxyStatus(failure))
                .isEqualTo("\"egress\";error=dns_error;rcode=\"NXDOMAIN\", \"relay-proxy\"");
    }

    @Test
    void passesNothingOnThatCouldEndAField() {
        var failure = refusal(502, "egress\r\nSet-Cookie: a=b");

        assertThat(RefusalReplies.proxyStatus(failure)).isEqualTo("\"relay-proxy\"");
    }

    @Test
    void saysItselfThatTheRelayIsGone() {
        assertThat(RefusalReplies.proxyStatus(new IOException("gone")))
                .isEqualTo("\"relay-proxy\";error=destination_unavailable");
    }

    @ParameterizedTest
    @EnumSource(RefusalReason.class)
    void neverCallsARefusalASuccess(RefusalReason reason) {
        var told = refused(reason, SocksReply.GENERAL_FAILURE, 502);

        assertThat(RefusalReplies.socks(told.failure())).isNotEqualTo(SocksReply.SUCCEEDED);
        assertThat(RefusalReplies.status(told.failure())).isBetween(400, 599);
    }

    private static Told refused(RefusalReason reason, SocksReply reply, int status) {
        String field = reason.because("details").proxyStatus("egress");
        return new Told(reason.name(), refusal(reason.status(), field), reply, status);
    }

    private static IOException refusal(int status, String proxyStatus) {
        return new TunnelRefusedException(status, HeaderFields.of("proxy-status", proxyStatus));
    }

    private static IOException bare(int status) {
        return new TunnelRefusedException(status, HeaderFields.NONE);
    }
}

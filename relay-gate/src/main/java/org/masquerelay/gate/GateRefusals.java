package org.masquerelay.gate;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.RefusalReason;
import org.springframework.http.HttpStatusCode;

/// Reads the refusal off the response that Spring's filters filled in.
final class GateRefusals {
    /// The attribute with the [CredentialsRefusedException.Why], when credentials were the matter.
    static final String WHY = CredentialsRefusedException.Why.class.getName();

    /// Describe a body that a refused tunnel does not have.
    private static final Set<String> LEFT_OUT =
            Set.of("content-type", "content-length", "content-encoding", "transfer-encoding");

    private GateRefusals() {}

    static Refusal of(ConnectExchange exchange) {
        var response = exchange.getResponse();
        var refusal = withoutFields(exchange, response.getStatusCode());
        for (var field : response.getHeaders().headerSet()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            for (String value : LEFT_OUT.contains(name) ? List.<String>of() : field.getValue()) {
                refusal = refusal.with(name, value);
            }
        }
        return refusal;
    }

    private static Refusal withoutFields(
            ConnectExchange exchange, @Nullable HttpStatusCode status) {
        int code = status == null ? 0 : status.value();
        if (exchange.getAttribute(WHY) instanceof CredentialsRefusedException.Why why) {
            var reason = code == 407 ? RefusalReason.PROXY_UNAUTHENTICATED : why.reason();
            return reason.because(why.details());
        }
        return reason(code).because("the request is not admitted");
    }

    /// The reason with the status of a filter, or the nearest one: also a filter that answers 200
    /// by itself has not admitted anybody.
    private static RefusalReason reason(int status) {
        return switch (status) {
            case 400 -> RefusalReason.BAD_REQUEST;
            case 401 -> RefusalReason.UNAUTHENTICATED;
            case 404 -> RefusalReason.NOT_FOUND;
            case 405 -> RefusalReason.METHOD_NOT_ALLOWED;
            case 407 -> RefusalReason.PROXY_UNAUTHENTICATED;
            case 429 -> RefusalReason.QUOTA_EXCEEDED;
            case 431 -> RefusalReason.HEADER_TOO_LARGE;
            case 503 -> RefusalReason.OVERLOADED;
            default -> status >= 500 ? RefusalReason.INTERNAL : RefusalReason.FORBIDDEN;
        };
    }
}

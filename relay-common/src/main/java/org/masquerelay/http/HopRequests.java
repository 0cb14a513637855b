package org.masquerelay.http;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.masquerelay.http.RelayConnection.Failure;
import org.masquerelay.observe.ConnectionTrace.TunnelTrace;
import org.masquerelay.observe.TunnelTags;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.wire.HostPort;

/// What is asked of a relay on one connection: the same for every HTTP version. Confined to the
/// connection's event loop.
final class HopRequests {
    private final NextHop hop;
    private final RequestCredentials.Line line;
    private final Carriage.Capsules capsules;
    private final Function<TunnelKind, TunnelTrace> traces;
    private final Streams streams;

    /// Opens the streams of the connection.
    interface Streams {
        /// Hands a new stream to `ready`, or tells `failures`; exactly one of them. `trace` hears
        /// of its end.
        void open(Consumer<ClientStream> ready, TunnelTrace trace, FailureListener failures);
    }

    /// @param traces of the tunnels that are asked for
    HopRequests(
            NextHop hop,
            RequestCredentials.Line line,
            Carriage.Capsules capsules,
            Function<TunnelKind, TunnelTrace> traces,
            Streams streams) {
        this.hop = hop;
        this.line = line;
        this.capsules = capsules;
        this.traces = traces;
        this.streams = streams;
    }

    /// As [RelayConnection#open].
    Runnable open(
            TunnelKind kind, Optional<HostPort> scope, HeaderFields fields, TunnelAnswer answer) {
        var cancellation = new Cancellation();
        hop.ask(kind, scope, fields, line)
                .ifPresentOrElse(
                        ask -> {
                            var trace = traces.apply(kind);
                            streams.open(
                                    stream ->
                                            cancellation.of(
                                                    TunnelAsk.send(
                                                            stream,
                                                            ask.head(),
                                                            ask.carriage(),
                                                            capsules.of(tags(kind), trace),
                                                            answer)),
                                    trace,
                                    answer);
                        },
                        () -> answer.failed(Failure.NO_CREDENTIALS));
        return cancellation;
    }

    private TunnelTags tags(TunnelKind kind) {
        return TunnelTags.dialled(kind, line.version());
    }

    /// As [RelayConnection#request].
    void request(PlainRequest request, PlainAnswer answer) {
        hop.head(request, line)
                .ifPresentOrElse(
                        head ->
                                streams.open(
                                        stream ->
                                                PlainAsk.send(stream, head, request.body(), answer),
                                        TunnelTrace.OFF,
                                        answer),
                        () -> answer.failed(Failure.NO_CREDENTIALS));
    }
}

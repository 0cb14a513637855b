package org.masquerelay.observe;

import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;

/// What every sample of a tunnel is tagged with.
///
/// @param listener which of ours the client came to; [#UPSTREAM] for what happens on a connection
///   to another relay, whose version `transport` is then
public record TunnelTags(TunnelKind protocol, HttpVersion transport, String listener) {
    /// No listener can have this name.
    public static final String UPSTREAM = "_upstream";

    public static TunnelTags of(TunnelRequest request) {
        return new TunnelTags(request.kind(), request.peer().version(), request.peer().listener());
    }

    /// Of a tunnel on a connection that this relay has dialled.
    public static TunnelTags dialled(TunnelKind protocol, HttpVersion transport) {
        return new TunnelTags(protocol, transport, UPSTREAM);
    }
}

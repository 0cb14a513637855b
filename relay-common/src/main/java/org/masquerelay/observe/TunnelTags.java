package org.masquerelay.observe;

import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.tunnel.TunnelKind;
import org.masquerelay.tunnel.TunnelRequest;

/// What every sample of a tunnel is tagged with.
public record TunnelTags(TunnelKind protocol, HttpVersion transport, String listener) {
    public static TunnelTags of(TunnelRequest request) {
        return new TunnelTags(request.kind(), request.peer().version(), request.peer().listener());
    }
}

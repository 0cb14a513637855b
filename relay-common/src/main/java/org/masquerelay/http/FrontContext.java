package org.masquerelay.http;

import org.masquerelay.observe.TunnelListener;

/// What all connections of a listener share.
record FrontContext(
        FrontSettings settings, TunnelService service, TunnelListener listener, TunnelHeads heads) {
    FrontContext(FrontSettings settings, TunnelService service, TunnelListener listener) {
        this(settings, service, listener, new TunnelHeads(settings.offer()));
    }
}

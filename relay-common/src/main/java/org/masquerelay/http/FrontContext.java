package org.masquerelay.http;

import org.masquerelay.observe.TunnelListener;
import org.masquerelay.transport.ShownCertificates;

/// What all connections of a listener share.
record FrontContext(
        FrontSettings settings,
        TunnelService service,
        TunnelListener listener,
        ShownCertificates shown,
        TunnelHeads heads) {
    FrontContext(
            FrontSettings settings,
            TunnelService service,
            TunnelListener listener,
            ShownCertificates shown) {
        this(settings, service, listener, shown, new TunnelHeads(settings.offer()));
    }
}

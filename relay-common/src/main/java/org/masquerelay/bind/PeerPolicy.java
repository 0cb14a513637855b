package org.masquerelay.bind;

import java.net.InetSocketAddress;

/// Decides which peers a bind tunnel may exchange datagrams with.
///
/// Asked on the event loop of the tunnel; it neither waits nor blocks.
public interface PeerPolicy {
    boolean allows(InetSocketAddress peer);

    /// What the answers of [#allows] go by: as long as it is the same object they stay the same, so
    /// that they may be remembered.
    Object edition();
}

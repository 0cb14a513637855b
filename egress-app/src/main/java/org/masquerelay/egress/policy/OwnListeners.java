package org.masquerelay.egress.policy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Where this relay listens itself: a tunnel to there would lead into the relay again, and so on
/// for as long as there are ports, or to its management.
///
/// An address that a translator in front of this machine has for it is not known here, nor one that
/// is on none of its interfaces. Used by every event loop.
public final class OwnListeners {
    private final List<InetSocketAddress> addresses = new CopyOnWriteArrayList<>();
    private final MachineAddresses machine;

    public OwnListeners() {
        this(MachineAddresses.ofInterfaces());
    }

    OwnListeners(MachineAddresses machine) {
        this.machine = machine;
    }

    /// @param address whose wildcard stands for every address of this machine
    public void add(InetSocketAddress address) {
        addresses.add(address);
    }

    boolean contains(InetSocketAddress target) {
        return addresses.stream().anyMatch(listener -> reaches(target, listener));
    }

    private boolean reaches(InetSocketAddress target, InetSocketAddress listener) {
        var to = target.getAddress();
        // To nowhere (0.0.0.0 and ::) is to this machine.
        return target.getPort() == listener.getPort()
                && (to.equals(listener.getAddress())
                        || to.isAnyLocalAddress()
                        || (listener.getAddress().isAnyLocalAddress() && isOfThisMachine(to)));
    }

    boolean isOfThisMachine(InetAddress address) {
        return address.isLoopbackAddress() || machine.contains(address);
    }
}

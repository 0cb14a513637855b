package org.masquerelay.boot.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.masquerelay.capsule.CapsulePolicy;
import org.masquerelay.capsule.CapsuleType;
import org.masquerelay.http.ConnectTcp;
import org.masquerelay.http.FrontSettings;
import org.masquerelay.http.FrontSettings.ClientCertificates;
import org.masquerelay.http.ListenerTls;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;

/// All listeners of an app: what they need together, and whether they get along.
public final class Fronts {
    private static final String PROPERTY = "relay.listeners";

    private final List<ListenerProperties> listeners;

    public Fronts(List<ListenerProperties> listeners) {
        this.listeners = listeners;
    }

    /// The capsule types of the protocols that are served.
    public Set<Long> capsuleTypes() {
        var types = new HashSet<Long>();
        types.add(CapsuleType.DATAGRAM);
        for (int i = 0; i < listeners.size(); i++) {
            var listener = listeners.get(i);
            if (listener.udpBind()) {
                types.add(CapsuleType.COMPRESSION_ASSIGN);
                types.add(CapsuleType.COMPRESSION_ACK);
                types.add(CapsuleType.COMPRESSION_CLOSE);
            }
            if (!listener.tcpTemplates().isEmpty()) {
                listener.forms(property(i)).forEach(form -> types.addAll(capsuleTypes(form)));
            }
        }
        return types;
    }

    /// The capsule types of one form of connect-tcp.
    public static Set<Long> capsuleTypes(ConnectTcp.Form form) {
        return Set.of(form.data(), form.finalData());
    }

    /// @throws BadSettingException when a listener has a bad value, or two of them collide
    public List<FrontSettings> toSettings(
            String identifier,
            int maxTunnelsPerConnection,
            CapsulePolicy capsules,
            ClientCertificates clientCertificates) {
        var fronts = new ArrayList<FrontSettings>();
        for (int i = 0; i < listeners.size(); i++) {
            fronts.add(
                    listeners
                            .get(i)
                            .toFront(
                                    property(i),
                                    identifier,
                                    maxTunnelsPerConnection,
                                    capsules,
                                    clientCertificates));
        }
        checkNames(fronts);
        checkPorts(fronts);
        return fronts;
    }

    /// The TLS material of each of `fronts`, which were made of these listeners.
    ///
    /// @throws BadSettingException or [TlsBundleException] when a listener's trust cannot be used
    public ListenerTls toTls(List<FrontSettings> fronts, ListenerTrust trust) {
        var byName = new HashMap<String, Supplier<TlsMaterial>>();
        for (int i = 0; i < fronts.size(); i++) {
            boolean asked = fronts.get(i).clientCertificates() != ClientCertificates.IGNORED;
            if (!asked && listeners.get(i).judgesClients()) {
                throw new BadSettingException(
                        property(i) + ".client-auth",
                        "asks for no certificates, but others of " + property(i) + " judge them",
                        "Set it to want or require, or leave client-trust, client-crl and"
                                + " client-directly-signed out");
            }
            byName.put(
                    fronts.get(i).name(),
                    asked ? trust.material(property(i), listeners.get(i)) : trust.own());
        }
        return front -> Objects.requireNonNull(byName.get(front.name()));
    }

    private static String property(int i) {
        return PROPERTY + "[" + i + "]";
    }

    // The name is the tag by which meters tell listeners apart.
    private static void checkNames(List<FrontSettings> fronts) {
        var names = new HashMap<String, Integer>();
        for (int i = 0; i < fronts.size(); i++) {
            var first = names.putIfAbsent(fronts.get(i).name(), i);
            if (first != null) {
                throw new BadSettingException(
                        property(i) + ".name",
                        "is that of " + property(first) + " too",
                        "Give every listener a name of its own");
            }
        }
    }

    // The kernel would let two listeners of one process share a port, and deal connections out.
    private static void checkPorts(List<FrontSettings> fronts) {
        for (int i = 0; i < fronts.size(); i++) {
            for (int j = 0; j < i; j++) {
                for (var protocol : Protocol.values()) {
                    if (protocol.collides(fronts.get(i), fronts.get(j))) {
                        throw new BadSettingException(
                                property(i) + ".port",
                                "is on " + protocol + " where " + property(j) + " listens already",
                                "Give it another port or address, or versions of which the other"
                                        + " has none on "
                                        + protocol);
                    }
                }
            }
        }
    }

    /// What HTTP versions run on.
    private enum Protocol {
        UDP,
        TCP;

        boolean collides(FrontSettings one, FrontSettings other) {
            int port = one.address().getPort();
            return port != 0
                    && port == other.address().getPort()
                    && Stream.of(one, other).allMatch(this::isUsedBy)
                    && overlap(one.address().getAddress(), other.address().getAddress());
        }

        private boolean isUsedBy(FrontSettings front) {
            return front.versions().stream()
                    .anyMatch(version -> (version == HttpVersion.H3) == (this == UDP));
        }

        private static boolean overlap(InetAddress one, InetAddress other) {
            return one.equals(other) || covers(one, other) || covers(other, one);
        }

        /// The wildcard of IPv6 takes IPv4 in too.
        private static boolean covers(InetAddress all, InetAddress one) {
            return all.isAnyLocalAddress()
                    && (!(all instanceof Inet4Address)
                            || one instanceof Inet4Address
                            || one.isAnyLocalAddress());
        }
    }
}

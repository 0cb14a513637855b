package org.masquerelay.gate.issuer;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import org.masquerelay.http.PlainRequest;
import org.masquerelay.tunnel.Peer;

/// Takes an IPv4 address, or the /56 of an IPv6 address, for a client: what one household or one
/// machine usually has.
public final class AddressAttester implements Attester {
    private static final int IPV6_PREFIX_OCTETS = 56 / 8;

    @Override
    public Attestation attest(PlainRequest request, Peer peer) {
        return new Attested(clientOf(peer));
    }

    static String clientOf(Peer peer) {
        return peer.address() instanceof InetSocketAddress socket && socket.getAddress() != null
                ? prefix(socket.getAddress())
                : "unknown";
    }

    private static String prefix(InetAddress address) {
        byte[] octets = address.getAddress();
        boolean ipv6 = address instanceof Inet6Address;
        return HexFormat.of().formatHex(ipv6 ? Arrays.copyOf(octets, IPV6_PREFIX_OCTETS) : octets);
    }
}

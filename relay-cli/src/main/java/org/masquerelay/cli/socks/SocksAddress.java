package org.masquerelay.cli.socks;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.wire.HostPort;
import org.masquerelay.wire.IpLiteral;
import org.masquerelay.wire.WireFormatException;

/// An address and a port as SOCKS writes them (RFC 1928, section 5).
///
/// The bytes are kept, since an answer repeats them: two spellings of one target are two addresses.
///
/// @param wire ATYP, address and port
/// @param host the name, or the address as text; maybe no valid one
public record SocksAddress(ImmutableBytes wire, String host, int port) {
    static final int IPV4 = 0x01;
    static final int NAME = 0x03;
    static final int IPV6 = 0x04;

    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    /// Reads one address, and not a byte more.
    ///
    /// @throws SocksFault when its type is unknown, so that nobody can tell where it ends
    /// @throws java.io.EOFException when it is cut short
    public static SocksAddress read(DataInputStream in) throws IOException {
        int type = in.readUnsignedByte();
        int length =
                switch (type) {
                    case IPV4 -> IPV4_BYTES;
                    case IPV6 -> IPV6_BYTES;
                    case NAME -> in.readUnsignedByte();
                    default -> throw new SocksFault(SocksReply.ADDRESS_TYPE_NOT_SUPPORTED);
                };
        byte[] host = new byte[length];
        in.readFully(host);
        int port = in.readUnsignedShort();
        String text =
                type == NAME
                        ? new String(host, StandardCharsets.ISO_8859_1)
                        : IpLiteral.format(InetAddress.getByAddress(host));
        return new SocksAddress(wire(type, host, port), text, port);
    }

    /// The address of a socket of this machine.
    public static SocksAddress of(InetSocketAddress address) {
        byte[] host = address.getAddress().getAddress();
        int type = host.length == IPV4_BYTES ? IPV4 : IPV6;
        return new SocksAddress(
                wire(type, host, address.getPort()),
                IpLiteral.format(address.getAddress()),
                address.getPort());
    }

    /// Where a tunnel can lead; nothing if no tunnel can lead there.
    public Optional<HostPort> target() {
        try {
            return Optional.of(HostPort.of(host, Integer.toString(port)));
        } catch (WireFormatException _) {
            return Optional.empty();
        }
    }

    private static ImmutableBytes wire(int type, byte[] host, int port) {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        try {
            out.writeByte(type);
            if (type == NAME) {
                out.writeByte(host.length);
            }
            out.write(host);
            out.writeShort(port);
        } catch (IOException e) {
            throw new IllegalStateException("memory takes no bytes", e);
        }
        return ImmutableBytes.copyOf(bytes.toByteArray());
    }

    /// Says nothing of where it leads: addresses do not get into texts by accident.
    @Override
    public String toString() {
        return "SocksAddress";
    }
}

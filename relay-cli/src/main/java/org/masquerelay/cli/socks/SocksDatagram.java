package org.masquerelay.cli.socks;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.Optional;

/// A UDP datagram with the header that names its far end (RFC 1928, section 7).
public final class SocksDatagram {
    /// RSV and FRAG.
    private static final int FIXED_BYTES = 3;

    private final SocksAddress address;
    private final byte[] payload;

    private SocksDatagram(SocksAddress address, byte[] payload) {
        this.address = address;
        this.payload = payload;
    }

    /// Reads the first `length` bytes of `packet`, which stays the caller's. Nothing if it is
    /// malformed, or a fragment: RFC 1928, section 7, has those dropped by who does not reassemble.
    public static Optional<SocksDatagram> parse(byte[] packet, int length) {
        var bytes = new ByteArrayInputStream(packet, 0, length);
        var in = new DataInputStream(bytes);
        try {
            if (in.readUnsignedShort() != 0 || in.readUnsignedByte() != 0) {
                return Optional.empty();
            }
            var address = SocksAddress.read(in);
            return Optional.of(new SocksDatagram(address, bytes.readAllBytes()));
        } catch (IOException _) {
            return Optional.empty(); // Cut short, or of an unknown type of address.
        }
    }

    /// The packet that carries `payload` from `source` to the client.
    public static byte[] packet(SocksAddress source, byte[] payload) {
        byte[] address = source.wire().toArray();
        byte[] packet = new byte[FIXED_BYTES + address.length + payload.length];
        System.arraycopy(address, 0, packet, FIXED_BYTES, address.length);
        System.arraycopy(payload, 0, packet, FIXED_BYTES + address.length, payload.length);
        return packet;
    }

    /// Where it goes.
    public SocksAddress address() {
        return address;
    }

    /// The caller's from now on.
    public byte[] payload() {
        return payload;
    }
}

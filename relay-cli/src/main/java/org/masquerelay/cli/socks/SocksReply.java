package org.masquerelay.cli.socks;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/// What a request is answered with (RFC 1928, section 6).
public enum SocksReply {
    SUCCEEDED(0x00),
    GENERAL_FAILURE(0x01),
    NOT_ALLOWED(0x02),
    NETWORK_UNREACHABLE(0x03),
    HOST_UNREACHABLE(0x04),
    CONNECTION_REFUSED(0x05),
    TTL_EXPIRED(0x06),
    COMMAND_NOT_SUPPORTED(0x07),
    ADDRESS_TYPE_NOT_SUPPORTED(0x08);

    private static final byte[] ANY = new byte[4];

    private final int code;

    SocksReply(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /// The reply without an address: which one the egress uses is not known here.
    public byte[] message() {
        return message(new InetSocketAddress(any(), 0));
    }

    /// The reply with the address where this proxy waits for the client's datagrams.
    public byte[] message(InetSocketAddress bound) {
        byte[] address = SocksAddress.of(bound).wire().toArray();
        byte[] message = new byte[3 + address.length];
        message[0] = SocksVersion.FIVE;
        message[1] = (byte) code;
        System.arraycopy(address, 0, message, 3, address.length);
        return message;
    }

    private static InetAddress any() {
        try {
            return InetAddress.getByAddress(ANY);
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}

package org.masquerelay.cli.socks;

import java.io.DataInputStream;
import java.io.IOException;

/// What a client wants (RFC 1928, section 4).
public record SocksRequest(Command command, SocksAddress address) {
    private static final int CONNECT = 0x01;
    private static final int UDP_ASSOCIATE = 0x03;

    /// The commands carried out here; BIND (0x02) is none of them.
    public enum Command {
        CONNECT,
        UDP_ASSOCIATE
    }

    /// Reads one request, and not a byte more.
    ///
    /// @throws SocksFault when it cannot be carried out
    /// @throws java.io.EOFException when it is cut short
    public static SocksRequest read(DataInputStream in) throws IOException {
        if (in.readByte() != SocksVersion.FIVE) {
            throw new SocksFault(SocksReply.GENERAL_FAILURE);
        }
        int command = in.readUnsignedByte();
        in.readByte(); // Reserved.
        SocksAddress address = SocksAddress.read(in);
        return switch (command) {
            case CONNECT -> new SocksRequest(Command.CONNECT, address);
            case UDP_ASSOCIATE -> new SocksRequest(Command.UDP_ASSOCIATE, address);
            default -> throw new SocksFault(SocksReply.COMMAND_NOT_SUPPORTED);
        };
    }
}

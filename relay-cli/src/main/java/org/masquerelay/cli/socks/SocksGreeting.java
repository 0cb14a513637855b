package org.masquerelay.cli.socks;

import java.io.DataInputStream;
import java.io.IOException;

/// The methods of authentication that a client offers (RFC 1928, section 3), and the choice.
public record SocksGreeting(boolean offersNoAuthentication) {
    private static final byte NO_AUTHENTICATION = 0x00;
    private static final byte NO_ACCEPTABLE_METHOD = (byte) 0xff;

    /// Reads what follows the version.
    ///
    /// @throws java.io.EOFException when it is cut short
    public static SocksGreeting read(DataInputStream in) throws IOException {
        byte[] methods = new byte[in.readUnsignedByte()];
        in.readFully(methods);
        for (byte method : methods) {
            if (method == NO_AUTHENTICATION) {
                return new SocksGreeting(true);
            }
        }
        return new SocksGreeting(false);
    }

    /// The method chosen. After the refusal the connection has to end.
    public byte[] answer() {
        return new byte[] {
            SocksVersion.FIVE, offersNoAuthentication ? NO_AUTHENTICATION : NO_ACCEPTABLE_METHOD
        };
    }
}

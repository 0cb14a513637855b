package org.masquerelay.cli.socks;

/// The first byte that a client sends.
public final class SocksVersion {
    public static final byte FOUR = 0x04;
    public static final byte FIVE = 0x05;

    /// Request rejected or failed, with the address that SOCKS 4 wants ignored. It has no code for
    /// "another version, please".
    private static final byte[] FOUR_REFUSED = {0, 0x5b, 0, 0, 0, 0, 0, 0};

    private SocksVersion() {}

    /// What a client of SOCKS 4 understands as a refusal.
    public static byte[] refusalOfFour() {
        return FOUR_REFUSED.clone();
    }
}

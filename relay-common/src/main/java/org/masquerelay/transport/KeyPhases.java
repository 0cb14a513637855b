package org.masquerelay.transport;

import io.netty.buffer.ByteBuf;

/// Tells from the 1-RTT packets that a QUIC connection receives when the peer updates its keys
/// ([RFC 9001, section 6](https://datatracker.ietf.org/doc/html/rfc9001#section-6)): then the key
/// phase bit of packets changes, behind header protection.
///
/// A packet is read when it arrives, as decrypting it changes it in place, and counts once it has
/// been taken: anybody can send a packet that was not. Confined to an event loop.
final class KeyPhases {
    private static final int FIRST_BYTE_MASK = 0x1f;
    private static final int KEY_PHASE = 0x04;
    private static final int NUMBER_LENGTH = 0x03;

    /// RFC 9001, section 5.4.2: the sample starts where it would if the number had four bytes.
    private static final int LONGEST_NUMBER = 4;

    private static final long UNREAD = -1;

    private final HeaderProtection protection;
    private final int idLength;
    private final byte[] sample = new byte[HeaderProtection.SAMPLE_BYTES];

    private boolean phase;
    private long firstOfPhase;
    private long largest = -1;
    private long generation;

    private long number = UNREAD;
    private boolean phaseOfPacket;

    /// @param idLength bytes of this side's connection IDs
    KeyPhases(HeaderProtection protection, int idLength) {
        this.protection = protection;
        this.idLength = idLength;
    }

    /// A packet with a short header is about to be decrypted.
    ///
    /// @param start where it starts in `datagram`; it ends with it
    void arrives(ByteBuf datagram, int start) {
        int numberAt = start + 1 + idLength;
        int sampleAt = numberAt + LONGEST_NUMBER;
        if (sampleAt + sample.length > datagram.writerIndex()) {
            number = UNREAD;
            return;
        }
        datagram.getBytes(sampleAt, sample);
        var mask = protection.mask(sample);
        int first = datagram.getByte(start) ^ (mask[0] & FIRST_BYTE_MASK);
        int length = (first & NUMBER_LENGTH) + 1;
        long truncated = 0;
        for (int i = 0; i < length; i++) {
            truncated = (truncated << 8) | ((datagram.getByte(numberAt + i) ^ mask[1 + i]) & 0xff);
        }
        number = decode(truncated, length * Byte.SIZE);
        phaseOfPacket = (first & KEY_PHASE) != 0;
    }

    /// The number nearest to the next one to expect that ends in these bits (RFC 9000, appendix
    /// A.3).
    private long decode(long truncated, int bits) {
        long expected = largest + 1;
        long window = 1L << bits;
        long candidate = (expected & -window) | truncated;
        if (candidate <= expected - window / 2) {
            return candidate + window;
        }
        return candidate > expected + window / 2 && candidate >= window
                ? candidate - window
                : candidate;
    }

    /// It was decrypted. Whether that took keys that were new.
    boolean taken() {
        if (number == UNREAD) {
            return false;
        }
        largest = Math.max(largest, number);
        // Packets of before that were overtaken still have the other phase.
        if (phaseOfPacket == phase || number < firstOfPhase) {
            return false;
        }
        phase = phaseOfPacket;
        firstOfPhase = number;
        generation++;
        return true;
    }

    /// How often keys were updated.
    long generation() {
        return generation;
    }
}

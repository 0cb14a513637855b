package org.masquerelay.cli.bench;

import java.util.Arrays;

/// The datagrams of one tunnel that are under way, at most one in each slot, and what became of the
/// others. Confined to one thread.
///
/// The slot is part of the sequence number, so an echo finds it by itself.
final class Outstanding {
    private static final long NONE = -1;

    private final long[] sequences;
    private final long[] sentAt;
    private final long[] rounds;
    private long echoed;
    private long lost;
    private long late;

    Outstanding(int slots) {
        sequences = new long[slots];
        sentAt = new long[slots];
        rounds = new long[slots];
        Arrays.fill(sequences, NONE);
    }

    /// What has been decided so far.
    record Tally(long echoed, long lost, long late) {
        static final Tally ZERO = new Tally(0, 0, 0);

        Tally plus(Tally other) {
            return new Tally(echoed + other.echoed, lost + other.lost, late + other.late);
        }

        Tally since(Tally before) {
            return new Tally(echoed - before.echoed, lost - before.lost, late - before.late);
        }
    }

    int slots() {
        return sequences.length;
    }

    int slotOf(long sequence) {
        return (int) Math.floorMod(sequence, (long) sequences.length);
    }

    /// Fills the slot, and gives the sequence number of what is to be sent now.
    long send(int slot, long now) {
        long sequence = rounds[slot]++ * sequences.length + slot;
        sequences[slot] = sequence;
        sentAt[slot] = now;
        return sequence;
    }

    /// Empties the slot of an echo.
    ///
    /// @return nanoseconds of the round trip; negative when the datagram is not under way
    long echoed(long sequence, long now) {
        int slot = slotOf(sequence);
        if (sequence < 0 || sequences[slot] != sequence) {
            late++;
            return NONE;
        }
        sequences[slot] = NONE;
        echoed++;
        return now - sentAt[slot];
    }

    /// Whether the slot has no datagram under way; gives up one that was sent before `deadline`.
    boolean isFree(int slot, long deadline) {
        if (sequences[slot] != NONE && sentAt[slot] - deadline < 0) {
            sequences[slot] = NONE;
            lost++;
        }
        return sequences[slot] == NONE;
    }

    Tally tally() {
        return new Tally(echoed, lost, late);
    }
}

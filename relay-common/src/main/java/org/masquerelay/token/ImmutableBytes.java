package org.masquerelay.token;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// A sequence of bytes that never changes, with the equality of its content.
///
/// Bytes are copied on the way in and on the way out. The order makes these usable as hash keys
/// that a peer chooses: colliding keys are kept in a tree.
public final class ImmutableBytes implements Comparable<ImmutableBytes> {
    public static final ImmutableBytes EMPTY = new ImmutableBytes(new byte[0]);

    private final byte[] bytes;
    private final int hash;

    private ImmutableBytes(byte[] owned) {
        bytes = owned;
        hash = Arrays.hashCode(owned);
    }

    public static ImmutableBytes copyOf(byte[] source) {
        return new ImmutableBytes(source.clone());
    }

    public static ImmutableBytes copyOfRange(byte[] source, int from, int to) {
        return new ImmutableBytes(Arrays.copyOfRange(source, from, to));
    }

    public static ImmutableBytes sha256Of(byte[] message) {
        try {
            return new ImmutableBytes(MessageDigest.getInstance("SHA-256").digest(message));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is missing from this JDK", e);
        }
    }

    public int length() {
        return bytes.length;
    }

    /// The byte at `index` as a number from 0 to 255.
    public int at(int index) {
        return bytes[index] & 0xff;
    }

    public byte[] toArray() {
        return bytes.clone();
    }

    /// Compares in constant time for equal lengths.
    @Override
    public boolean equals(Object other) {
        return other instanceof ImmutableBytes that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public int compareTo(ImmutableBytes that) {
        return Arrays.compareUnsigned(bytes, that.bytes);
    }

    /// Only the length: the content may be a token.
    @Override
    public String toString() {
        return bytes.length + " bytes";
    }
}

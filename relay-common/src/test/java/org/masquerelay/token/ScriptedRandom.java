package org.masquerelay.token;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// Hands out the given bytes, one array per draw, and fails when another length or one draw more is
/// asked for.
public final class ScriptedRandom extends SecureRandom {
    private final transient Deque<byte[]> draws;

    public ScriptedRandom(byte[]... draws) {
        this.draws = new ArrayDeque<>(List.of(draws));
    }

    @Override
    public void nextBytes(byte[] bytes) {
        byte[] draw = draws.removeFirst();
        if (draw.length != bytes.length) {
            throw new AssertionError("drawn: " + bytes.length + " (expected: " + draw.length + ")");
        }
        System.arraycopy(draw, 0, bytes, 0, draw.length);
    }
}

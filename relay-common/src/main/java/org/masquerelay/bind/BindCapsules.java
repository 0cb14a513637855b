package org.masquerelay.bind;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.capsule.CapsuleBudget;
import org.masquerelay.capsule.CapsuleReader;
import org.masquerelay.capsule.CapsuleReader.Handling;
import org.masquerelay.tunnel.ResetCause;
import org.masquerelay.wire.WireFormatException;

/// Reads the capsules of a bind tunnel's client, does what they say to its [BindContexts], and
/// answers them.
///
/// Answers wait until [#resume()] is called first, and while it is paused. Confined to the event
/// loop of its tunnel.
public final class BindCapsules implements CapsuleReader.Sink {
    /// Bytes of answers that wait for a client that does not read; it is cut off beyond.
    private static final int MAX_WAITING = 4096;

    private final BindContexts contexts;
    private final ByteBufAllocator allocator;
    private final Tunnel tunnel;
    private final CapsuleReader reader;
    private @Nullable ByteBuf waiting;
    private boolean paused = true;
    private boolean stopped;

    /// What becomes of the tunnel.
    public interface Tunnel {
        /// Sends whole capsules, which are consumed, to the client.
        void answer(ByteBuf capsules);

        /// The client broke the rules. Called once; nothing is read after it.
        void violate(ResetCause cause);
    }

    public BindCapsules(BindContexts contexts, ByteBufAllocator allocator, Tunnel tunnel) {
        this.contexts = contexts;
        this.allocator = allocator;
        this.tunnel = tunnel;
        this.reader = new CapsuleReader(allocator, new CapsuleBudget(BindCapsule.MAX_VALUE), this);
    }

    /// Reads more of the client's capsules, cut anywhere; consumed.
    public void read(ByteBuf part) {
        reader.read(part);
    }

    @Override
    public Handling begin(long type, long length) {
        if (stopped) {
            return Handling.STOP;
        }
        if (!BindCapsule.isType(type)) {
            return Handling.SKIP; // RFC 9297, section 3.2: the end of the chain.
        }
        if (length > BindCapsule.MAX_VALUE) {
            violate(ResetCause.MESSAGE_ERROR);
            return Handling.STOP;
        }
        return Handling.GATHER;
    }

    @Override
    public void whole(long type, ByteBuf value) {
        try {
            contexts.receive(BindCapsule.parse(type, value)).ifPresent(this::answer);
        } catch (WireFormatException _) {
            violate(ResetCause.MESSAGE_ERROR);
        } finally {
            value.release();
        }
    }

    @Override
    public void part(ByteBuf piece, boolean last) {
        piece.release(); // Never asked for.
    }

    @Override
    public void overBudget(long type) {
        throw new IllegalStateException("capsule: over budget (expected: one at a time)");
    }

    /// Tells the client of contexts that the proxy ends by itself
    /// (draft-ietf-masque-connect-udp-listen, section 3.3).
    public void closed(List<Long> contextIds) {
        contextIds.forEach(id -> answer(new BindCapsule.Close(id)));
    }

    private void answer(BindCapsule capsule) {
        if (stopped) {
            return;
        }
        if (waiting == null) {
            waiting = allocator.buffer(BindCapsule.MAX_LENGTH, MAX_WAITING);
        }
        if (waiting.maxWritableBytes() < BindCapsule.MAX_LENGTH) {
            // Section 9: a client that asks on and does not read is not waited for.
            violate(ResetCause.EXCESSIVE_LOAD);
            return;
        }
        capsule.write(waiting);
        sendWaiting();
    }

    private void violate(ResetCause cause) {
        stopped = true;
        tunnel.violate(cause);
    }

    public void pause() {
        paused = true;
    }

    public void resume() {
        paused = false;
        sendWaiting();
    }

    private void sendWaiting() {
        var answers = waiting;
        if (answers != null && !paused) {
            waiting = null;
            tunnel.answer(answers);
        }
    }

    /// Lets go of what is held; nothing more is read.
    public void close() {
        stopped = true;
        reader.close();
        if (waiting != null) {
            waiting.release();
            waiting = null;
        }
    }
}

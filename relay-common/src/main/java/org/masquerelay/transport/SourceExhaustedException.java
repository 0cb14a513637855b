package org.masquerelay.transport;

import io.netty.channel.unix.Errors.NativeIoException;
import java.io.IOException;
import java.net.BindException;
import java.net.NoRouteToHostException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.masquerelay.observe.SourceExhaustion;

/// This machine has no source left for a socket; that says nothing of the target. The cause has the
/// details, which may name addresses.
public final class SourceExhaustedException extends IOException {
    private static final long serialVersionUID = 1L;

    // Linux, errno.h.
    private static final int EAGAIN = 11;
    private static final int ENFILE = 23;
    private static final int EMFILE = 24;
    private static final int EADDRINUSE = 98;
    private static final int EADDRNOTAVAIL = 99;

    /// Netty's exceptions of a failed connect do not give the number out otherwise.
    private static final Pattern NUMBER = Pattern.compile("error\\(-(\\d{1,3})\\)");

    /// Netty, of options that have no number there. The one of ours that can fail on its own
    /// account is the interface.
    private static final String OPTION_REFUSED = "setsockopt() failed";

    private static final int MAX_CAUSES = 8;

    private final SourceExhaustion what;

    SourceExhaustedException(SourceExhaustion what) {
        super("no source is left: " + what.tag());
        this.what = what;
    }

    SourceExhaustedException(SourceExhaustion what, Throwable cause) {
        super("no source is left: " + what.tag(), cause);
        this.what = what;
    }

    public SourceExhaustion what() {
        return what;
    }

    /// What `failure` of opening a socket is when this machine is the reason.
    static Optional<SourceExhaustedException> of(Throwable failure, SourceAddress source) {
        int depth = 0;
        for (@Nullable Throwable cause = failure;
                cause != null && depth < MAX_CAUSES;
                cause = cause.getCause()) {
            var what = exhausted(cause, source);
            if (what != null) {
                return Optional.of(new SourceExhaustedException(what, failure));
            }
            depth++;
        }
        return Optional.empty();
    }

    private static @Nullable SourceExhaustion exhausted(Throwable cause, SourceAddress source) {
        var message = String.valueOf(cause.getMessage());
        if (source.networkInterface().isPresent() && message.startsWith(OPTION_REFUSED)) {
            return SourceExhaustion.ADDRESS;
        }
        if (cause instanceof NoRouteToHostException && !SourceProbe.isOurs(source)) {
            return SourceExhaustion.ADDRESS;
        }
        return switch (errno(cause, message)) {
            case EMFILE, ENFILE -> SourceExhaustion.DESCRIPTORS;
            // Linux: what connect() says when it has to find a port itself and finds none.
            case EADDRINUSE, EAGAIN -> SourceExhaustion.PORTS;
            case EADDRNOTAVAIL ->
                    message.startsWith("bind") || cause instanceof BindException
                            ? SourceExhaustion.ADDRESS
                            : SourceExhaustion.PORTS;
            default -> null;
        };
    }

    private static int errno(Throwable cause, String message) {
        if (cause instanceof NativeIoException failure) {
            return -failure.expectedErr();
        }
        var number = NUMBER.matcher(message);
        if (number.find()) {
            return Integer.parseInt(number.group(1));
        }
        return cause instanceof IOException ? errnoOfTheJdk(message) : 0;
    }

    private static int errnoOfTheJdk(String message) {
        if (message.contains("Too many open files")) {
            return EMFILE;
        }
        if (message.contains("Address already in use")) {
            return EADDRINUSE;
        }
        return message.contains("Cannot assign requested address") ? EADDRNOTAVAIL : 0;
    }
}

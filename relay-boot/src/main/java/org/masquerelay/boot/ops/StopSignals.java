package org.masquerelay.boot.ops;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The signals that stop an app: SIGTERM and SIGINT drain it, and the same again ends it at once.
/// Within a second it is no second wish: a wrapper and a supervisor may both signal a group.
///
/// The same: with Ctrl-C the terminal sends SIGINT to a whole group of processes, and the parent of
/// an app, which ends too, sends SIGTERM after it.
///
/// The JVM by itself ignores all but the first. To be given its handlers back, which a process that
/// is the first of its container needs too, takes `sun.misc.Signal`. It is named here and not
/// linked, since the compiler warns of it, and where it is missing all stays as the JVM has it.
public final class StopSignals {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);

    /// The names of signals without SIG, and what 128 and their number make: the exit code.
    private record StopSignal(String name, int exitCode) {}

    private static final List<StopSignal> SIGNALS =
            List.of(new StopSignal("TERM", 143), new StopSignal("INT", 130));

    private static final long NEVER = 0;

    private static final long ONE_WISH_NANOS = 1_000_000_000;

    private StopSignals() {}

    /// Takes the signals over for the whole process. For the `main` of an app.
    public static void handle() {
        for (var signal : SIGNALS) {
            try {
                handle(signal);
            } catch (ReflectiveOperationException | IllegalArgumentException unavailable) {
                LOG.debug("SIG{} stays with the JVM", signal.name(), unavailable);
            }
        }
    }

    private static void handle(StopSignal signal) throws ReflectiveOperationException {
        var type = Class.forName("sun.misc.Signal");
        var handlerType = Class.forName("sun.misc.SignalHandler");
        var ours = new Handler(signal, handlerType.getMethod("handle", type));
        var proxy =
                Proxy.newProxyInstance(
                        StopSignals.class.getClassLoader(), new Class<?>[] {handlerType}, ours);
        ours.before =
                type.getMethod("handle", type, handlerType)
                        .invoke(
                                null,
                                type.getConstructor(String.class).newInstance(signal.name()),
                                proxy);
    }

    /// Called on a thread of its own for each signal.
    private static final class Handler implements InvocationHandler {
        private final StopSignal signal;
        private final AtomicLong first = new AtomicLong(NEVER);
        private final Method handle;
        private volatile Object before = this;

        Handler(StopSignal signal, Method handle) {
            this.signal = signal;
            this.handle = handle;
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments)
                throws IllegalAccessException, InvocationTargetException {
            if (!method.equals(handle)) {
                return method.invoke(this, arguments); // Those of Object.
            }
            long now = System.nanoTime() | 1; // Another one than NEVER.
            if (first.compareAndSet(NEVER, now)) {
                return handle.invoke(before, arguments);
            }
            if (now - first.get() < ONE_WISH_NANOS) {
                return this;
            }
            // Not through the log, which may be what keeps the process from ending.
            System.err.println("SIG" + signal.name() + " again: ending at once");
            Runtime.getRuntime().halt(signal.exitCode());
            return this;
        }
    }
}

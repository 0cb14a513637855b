package org.masquerelay.cli;

/// Does something when the program is told to end, by Ctrl-C for example.
///
/// Closing this itself takes the order back, for the case that the ordinary way comes first.
final class AtExit implements AutoCloseable {
    private final Thread hook;

    private AtExit(Thread hook) {
        this.hook = hook;
    }

    static AtExit run(Runnable closing) {
        var hook = new Thread(closing, "at-exit");
        Runtime.getRuntime().addShutdownHook(hook);
        return new AtExit(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is ending: the hook does its work.
        }
    }
}

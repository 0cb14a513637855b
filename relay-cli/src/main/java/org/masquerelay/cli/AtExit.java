package org.masquerelay.cli;

/// Closes something when the program is told to end, by Ctrl-C for example.
///
/// Closing this itself takes the order back, since by then the ordinary way has closed it.
final class AtExit implements AutoCloseable {
    /// A resource whose closing cannot fail.
    interface Closeable {
        void close();
    }

    private final Thread hook;

    private AtExit(Thread hook) {
        this.hook = hook;
    }

    static AtExit close(Closeable resource) {
        var hook = new Thread(resource::close, "at-exit");
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

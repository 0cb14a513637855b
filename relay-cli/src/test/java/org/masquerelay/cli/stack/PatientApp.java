package org.masquerelay.cli.stack;

/// What stands for an app: says that it runs, and then does what its argument asks for.
public final class PatientApp {
    private PatientApp() {}

    /// `fail` ends at once; `stubborn` does not let itself be stopped.
    public static void main(String[] arguments) throws InterruptedException {
        System.out.println("runs with " + String.join(" ", arguments));
        if (arguments[0].equals("fail")) {
            System.exit(3);
        }
        if (arguments[0].equals("stubborn")) {
            Runtime.getRuntime().addShutdownHook(new Thread(PatientApp::waitForever));
        }
        waitForever();
    }

    private static void waitForever() {
        try {
            Thread.currentThread().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package org.masquerelay.cli.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// The CPU time that a process of this machine has used so far, as Linux counts it in `/proc`.
final class CpuClock {
    /// `USER_HZ`: what `/proc` counts in, the same on every Linux.
    private static final double TICKS_PER_SECOND = 100;

    /// Fields of `stat` after the thread's name (proc(5), fields 14 and 15).
    private static final int USER_TIME = 11;

    private static final int SYSTEM_TIME = 12;
    private static final String LOOP_NAME = "relay-loop";

    private CpuClock() {}

    /// Seconds since the process started.
    ///
    /// @param loops the part of its event loops
    record Usage(double total, double loops) {
        Usage since(Usage before) {
            return new Usage(total - before.total, loops - before.loops);
        }
    }

    static Usage read(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        double total = secondsIn(Files.readString(process.resolve("stat")));
        double loops = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
            for (var thread : threads) {
                loops += loopSeconds(thread.resolve("stat"));
            }
        }
        return new Usage(total, loops);
    }

    private static double loopSeconds(Path stat) throws IOException {
        try {
            String line = Files.readString(stat);
            return nameIn(line).startsWith(LOOP_NAME) ? secondsIn(line) : 0;
        } catch (NoSuchFileException _) {
            return 0; // the thread has ended meanwhile
        } catch (IOException e) {
            if (Files.exists(stat)) {
                throw e;
            }
            return 0; // ended between opening and reading
        }
    }

    /// The name stands in parentheses, and may hold parentheses and spaces itself.
    static String nameIn(String stat) throws IOException {
        int open = stat.indexOf('(');
        int close = stat.lastIndexOf(')');
        if (open < 0 || close < open) {
            throw new IOException("/proc has a stat file that cannot be read");
        }
        return stat.substring(open + 1, close);
    }

    static double secondsIn(String stat) throws IOException {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
        try {
            long ticks = Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
            return ticks / TICKS_PER_SECOND;
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IOException("/proc has a stat file that cannot be read", e);
        }
    }
}

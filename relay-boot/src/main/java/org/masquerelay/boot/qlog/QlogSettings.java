package org.masquerelay.boot.qlog;

import java.nio.file.Path;
import java.time.Duration;

/// Which connections are written down, and how much of them.
///
/// @param directory where the files are; made if it is missing
/// @param title what the files are called within, such as the relay's identifier
/// @param sampleRate the share of connections, from 0 to 1
/// @param maxOpen connections that are written down at the same time
/// @param maxSize bytes of one file before it is compressed; what comes after is counted only
/// @param maxAge files older than that are deleted
/// @param maxTotal bytes of all files; beyond, the oldest are deleted
/// @param compress whether files are compressed when their connection is closed
public record QlogSettings(
        Path directory,
        String title,
        double sampleRate,
        int maxOpen,
        long maxSize,
        Duration maxAge,
        long maxTotal,
        boolean compress) {}

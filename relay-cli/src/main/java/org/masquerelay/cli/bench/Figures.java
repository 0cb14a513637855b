package org.masquerelay.cli.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.masquerelay.cli.bench.Measurement.Company;
import org.masquerelay.cli.bench.Measurement.Datagrams;
import org.masquerelay.cli.bench.Measurement.ProcessCpu;

/// A [Measurement] in the units of the report.
///
/// @param megabytesPerSecond of payload: in each direction for UDP, in the only one for TCP
/// @param udp null for TCP
/// @param cost of each process whose CPU time was read, in the order of the path
/// @param gate what a running tunnel feels of the gate; empty unless it was asked for
/// @param trouble why the figures are not to be trusted; empty if they are
public record Figures(
        String name,
        boolean ok,
        double seconds,
        double megabytesPerSecond,
        @Nullable Udp udp,
        List<Cost> cost,
        List<Company> gate,
        String trouble) {
    private static final double MILLION = 1e6;
    private static final double GIGA = 1e9;

    public Figures {
        cost = List.copyOf(cost);
        gate = List.copyOf(gate);
    }

    /// @param datagramsPerSecond in each direction
    /// @param idleP50Micros round trip with one datagram under way
    public record Udp(
            double datagramsPerSecond,
            double p50Micros,
            double p99Micros,
            double idleP50Micros,
            double idleP99Micros,
            double lossPercent,
            long late) {}

    /// What one process has used.
    ///
    /// @param cpuSecondsPerMillionDatagrams each direction counted on its own; null for TCP
    /// @param loopSecondsPerMillionDatagrams the part of the event loops
    /// @param cpuSecondsPerGigabyte of payload, each direction counted on its own
    /// @param cpuPercent of one processor
    public record Cost(
            String process,
            @Nullable Double cpuSecondsPerMillionDatagrams,
            @Nullable Double loopSecondsPerMillionDatagrams,
            double cpuSecondsPerGigabyte,
            double loopSecondsPerGigabyte,
            double cpuPercent) {}

    static Figures of(Measurement measurement) {
        double seconds = measurement.seconds();
        var datagrams = measurement.datagrams();
        return new Figures(
                measurement.name(),
                measurement.ok(),
                seconds,
                perUnit(measurement.bytes() / MILLION, seconds),
                datagrams == null ? null : udp(datagrams, seconds),
                measurement.cpu().stream().map(cpu -> cost(cpu, measurement)).toList(),
                measurement.gate(),
                measurement.trouble());
    }

    private static Udp udp(Datagrams datagrams, double seconds) {
        return new Udp(
                perUnit((double) datagrams.echoed(), seconds),
                datagrams.loaded().p50Micros(),
                datagrams.loaded().p99Micros(),
                datagrams.unloaded().p50Micros(),
                datagrams.unloaded().p99Micros(),
                100 * datagrams.lossRatio(),
                datagrams.late());
    }

    private static Cost cost(ProcessCpu cpu, Measurement measurement) {
        var datagrams = measurement.datagrams();
        // A relay carries a datagram and its echo.
        int directions = datagrams == null ? 1 : 2;
        double gigabytes = directions * measurement.bytes() / GIGA;
        double millions = datagrams == null ? 0 : directions * datagrams.echoed() / MILLION;
        return new Cost(
                cpu.role(),
                datagrams == null ? null : perUnit(cpu.total(), millions),
                datagrams == null ? null : perUnit(cpu.loops(), millions),
                perUnit(cpu.total(), gigabytes),
                perUnit(cpu.loops(), gigabytes),
                100 * perUnit(cpu.total(), measurement.seconds()));
    }

    /// Nothing was measured when there are no units.
    private static double perUnit(double amount, double units) {
        return units == 0 ? 0 : amount / units;
    }
}

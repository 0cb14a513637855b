package org.masquerelay.cli.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one run of the load generator has seen between the end of the warm-up and the end of the
/// measurement.
///
/// @param name of the [Case]
/// @param bytes of payload that arrived: echoes that came back, or bytes that the far end has got
/// @param datagrams null for TCP
/// @param gate what a running tunnel feels of the gate; empty unless it was asked for
/// @param trouble why the figures are not to be trusted; empty if they are
public record Measurement(
        String name,
        double seconds,
        long bytes,
        @Nullable Datagrams datagrams,
        List<ProcessCpu> cpu,
        List<Company> gate,
        String trouble) {
    public Measurement {
        cpu = List.copyOf(cpu);
        gate = List.copyOf(gate);
    }

    /// A run without figures.
    static Measurement failed(Case measured, String trouble) {
        return new Measurement(measured.name(), 0, 0, null, List.of(), List.of(), trouble);
    }

    public boolean ok() {
        return trouble.isEmpty();
    }

    /// @param late echoes that came after they had been given up as lost
    /// @param damaged echoes that were not what had been sent
    /// @param loaded round trips with the whole window under way
    /// @param unloaded round trips with one datagram under way, measured afterwards
    public record Datagrams(
            long echoed, long lost, long late, long damaged, Quantiles loaded, Quantiles unloaded) {

        /// Lost ones among all that were sent and decided.
        public double lossRatio() {
            long decided = echoed + lost;
            return decided == 0 ? 1 : (double) lost / decided;
        }
    }

    public record Quantiles(double p50Micros, double p99Micros) {}

    /// Round trips with one datagram under way, while the ingress is asked for other tunnels.
    ///
    /// @param asked what these requests show; empty where there are none
    /// @param perSecond requests that were answered
    /// @param p50Micros the median over all turns
    /// @param p99Micros likewise
    /// @param p99LowMicros what a turn in ten is below: with the next, how much p99 differs by
    ///   itself
    /// @param p99HighMicros what a turn in ten is above
    public record Company(
            String asked,
            double perSecond,
            double p50Micros,
            double p99Micros,
            double p99LowMicros,
            double p99HighMicros) {}

    /// CPU seconds of one process.
    ///
    /// @param loops the part that its event loops used
    public record ProcessCpu(String role, double total, double loops) {}
}

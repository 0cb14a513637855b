package org.masquerelay.bench;

import com.nimbusds.jose.JOSEException;
import io.netty.channel.EventLoop;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.masquerelay.gate.Decision;
import org.masquerelay.gate.Gate;
import org.masquerelay.http.TunnelExchange;
import org.masquerelay.observe.LogId;
import org.masquerelay.token.TokenFormatException;
import org.masquerelay.tunnel.HeaderFields;
import org.masquerelay.tunnel.Refusal;
import org.masquerelay.tunnel.TunnelRequest;
import org.masquerelay.tunnel.TunnelStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.util.FileSystemUtils;

/// What the whole gate of an ingress takes for one tunnel, in microseconds: from the head of a
/// request as a listener has parsed it, through the filters of Spring Security with all that the
/// application puts there, to the decision on the event loop.
///
/// The thread of the benchmark is the event loop. Where the decision comes from another thread, the
/// time is that of one request alone, both hand-overs included, and the loop waits; what `-prof gc`
/// adds is of all threads.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class GateBenchmark {
    private static final long TURN_NANOS = TimeUnit.SECONDS.toNanos(1);

    @Param Credentials credentials = Credentials.NOTHING;

    private @Nullable Asked asked;

    @Setup(Level.Trial)
    public void start() throws IOException, JOSEException, TokenFormatException {
        asked = new Asked(credentials);
    }

    @Benchmark
    public Decision decide() {
        if (asked == null) {
            throw new IllegalStateException("ingress: not started (expected: started)");
        }
        return asked.decide();
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        if (asked != null) {
            asked.close();
        }
    }

    /// A gate, and who asks it.
    private static final class Asked implements AutoCloseable {
        private final ManualIoEventLoop loop =
                new ManualIoEventLoop(Thread.currentThread(), NioIoHandler.newFactory());
        private final Path directory;
        private final boolean good;
        private final BenchedIngress ingress;
        private final Gate gate;
        private final List<Question> questions;
        private int next;
        private @Nullable Decision decision;

        Asked(Credentials credentials) throws IOException, JOSEException, TokenFormatException {
            directory = Files.createTempDirectory("gate-benchmark-");
            good = credentials.areGood();
            ingress = new BenchedIngress(credentials, directory);
            gate = ingress.gate();
            questions =
                    ingress.requests().stream()
                            .map(request -> new Question(request, loop))
                            .toList();
            if (credentials == Credentials.TOKEN_SPENT
                    && ask() instanceof Decision.Admitted(var admission)) {
                admission.spend();
            }
        }

        Decision decide() {
            var decided = ask();
            switch (decided) {
                // The token is as good as a fresh one again, and the store does not fill up.
                case Decision.Admitted(var admission) when good -> admission.giveBack();
                case Decision.Refused _ when !good -> {}
                case Decision.Admitted _ ->
                        throw new IllegalStateException("decision: admitted (expected: refused)");
                case Decision.Refused(var refusal) ->
                        throw new IllegalStateException(
                                "decision: %d (expected: admitted)".formatted(refusal.status()));
            }
            return decided;
        }

        private Decision ask() {
            decision = null;
            gate.decide(questions.get(next), answer -> decision = answer);
            next = (next + 1) % questions.size();
            var answer = decision;
            while (answer == null) {
                loop.run(TURN_NANOS);
                answer = decision;
            }
            return answer;
        }

        @Override
        public void close() throws IOException {
            ingress.close();
            loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            while (!loop.isTerminated()) {
                loop.runNow();
            }
            FileSystemUtils.deleteRecursively(directory);
        }
    }

    /// A request that only the gate looks at.
    private record Question(TunnelRequest request, EventLoop eventLoop) implements TunnelExchange {
        @Override
        public LogId id() {
            return new LogId();
        }

        @Override
        public TunnelStream accept(HeaderFields fields) {
            throw new IllegalStateException("the gate accepts nothing");
        }

        @Override
        public void refuse(Refusal refusal) {
            throw new IllegalStateException("the gate refuses by a decision");
        }

        @Override
        public void whenAbandoned(Runnable action) {
            // Nobody leaves here.
        }

        @Override
        public boolean isAbandoned() {
            return false;
        }

        @Override
        public void abandon() {
            throw new IllegalStateException("the gate only decides");
        }
    }
}

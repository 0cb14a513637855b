package org.masquerelay.egress.resolve;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.masquerelay.dns.DnsAnswer;
import org.masquerelay.dns.DnsQueries;
import org.masquerelay.dns.Question;
import org.masquerelay.tunnel.RefusalReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The answers of one event loop, to which it is confined: those remembered, and those on their
/// way.
final class LoopAnswers implements Lookup.Answers, AutoCloseable {
    /// Questions on their way at a time; each has a socket.
    private static final int MAX_PENDING = 1024;

    /// More addresses of one name than this are left out: no tunnel tries them.
    private static final int MAX_ADDRESSES = 16;

    private static final Logger LOG = LoggerFactory.getLogger(LoopAnswers.class);

    private final AnswerCache cache;
    private final DnsQueries queries;
    private final Map<Question, List<Consumer<DnsAnswer>>> pending = new HashMap<>();

    /// @param cacheEntries this loop's share of those of the settings
    LoopAnswers(EventLoop loop, ResolverSettings settings, int cacheEntries) {
        var ticker = loop.ticker();
        this.cache = new AnswerCache(settings.cache(), cacheEntries, ticker);
        this.queries = new DnsQueries(loop, settings.queries(MAX_ADDRESSES), ticker);
    }

    @Override
    public @Nullable DnsAnswer known(Question question) {
        return cache.get(question);
    }

    /// A question that is on its way already is not put again.
    @Override
    public void ask(Question question, Consumer<DnsAnswer> then) {
        var waiting = pending.get(question);
        if (waiting != null) {
            waiting.add(then);
        } else if (pending.size() >= MAX_PENDING) {
            then.accept(
                    new DnsAnswer.Failed(
                            RefusalReason.OVERLOADED.because("too many names are being resolved")));
        } else {
            waiting = new ArrayList<>(1);
            waiting.add(then);
            pending.put(question, waiting);
            queries.ask(question, answer -> answered(question, answer));
        }
    }

    private void answered(Question question, DnsAnswer answer) {
        cache.put(question, answer);
        var waiting = pending.remove(question);
        if (waiting != null) {
            tell(waiting, answer);
        }
    }

    /// What one of them throws is no matter of the others.
    private static void tell(List<Consumer<DnsAnswer>> waiting, DnsAnswer answer) {
        for (int i = 0; i < waiting.size(); i++) {
            try {
                waiting.get(i).accept(answer);
            } catch (RuntimeException failure) {
                LOG.error("A tunnel cannot use an answer: {}", failure.getClass().getName());
            }
        }
    }

    @Override
    public void close() {
        queries.close();
    }
}

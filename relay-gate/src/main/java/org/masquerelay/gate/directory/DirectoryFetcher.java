package org.masquerelay.gate.directory;

import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.masquerelay.token.ImmutableBytes;
import org.masquerelay.token.issuance.Freshness;
import org.masquerelay.token.issuance.IssuerDirectory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.http.client.HttpClient;

/// Fetches one directory over HTTPS: within a time, of a bounded size, of the registered media
/// type, and from nowhere else, since a redirect is a failure.
final class DirectoryFetcher {
    private static final MediaType TYPE = MediaType.parseMediaType(IssuerDirectory.MEDIA_TYPE);

    /// Tuning: a key takes 500 characters.
    private static final int MAX_LENGTH = 64 * 1024;

    private final WebClient client;
    private final URI uri;
    private final Duration timeout;
    private final Scheduler timer;

    /// @param tls whom to trust; empty for the authorities of the JDK
    /// @param timer where `timeout` ends; disposed of by who made it
    DirectoryFetcher(URI uri, Optional<SslContext> tls, Duration timeout, Scheduler timer) {
        var http =
                HttpClient.create()
                        .followRedirect(false)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) timeout.toMillis());
        var trusting = tls.map(context -> http.secure(spec -> spec.sslContext(context)));
        this.client =
                WebClient.builder()
                        .clientConnector(new ReactorClientHttpConnector(trusting.orElse(http)))
                        .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(MAX_LENGTH))
                        .build();
        this.uri = uri;
        this.timeout = timeout;
        this.timer = timer;
    }

    /// A directory as it came, not yet read.
    record Fetched(ImmutableBytes body, Freshness freshness) {}

    /// An error for everything that is no directory.
    Mono<Fetched> fetch() {
        return client.get()
                .uri(uri)
                .accept(TYPE)
                .exchangeToMono(DirectoryFetcher::read)
                .timeout(timeout, timer)
                // Or following would end without a word.
                .switchIfEmpty(Mono.error(() -> new DirectoryException("was not answered")));
    }

    private static Mono<Fetched> read(ClientResponse response) {
        if (!response.statusCode().isSameCodeAs(HttpStatus.OK)) {
            return refused(response, "was answered " + response.statusCode().value());
        }
        if (!isDirectory(response.headers().contentType())) {
            return refused(response, "is not of type " + IssuerDirectory.MEDIA_TYPE);
        }
        var headers = response.headers().asHttpHeaders();
        var freshness =
                new Freshness(
                        headers.getOrEmpty(HttpHeaders.CACHE_CONTROL),
                        Optional.ofNullable(headers.getFirst(HttpHeaders.EXPIRES)),
                        Optional.ofNullable(headers.getFirst(HttpHeaders.AGE)));
        return response.bodyToMono(byte[].class)
                .defaultIfEmpty(new byte[0])
                .map(body -> new Fetched(ImmutableBytes.copyOf(body), freshness));
    }

    private static boolean isDirectory(Optional<MediaType> type) {
        return type.filter(TYPE::equalsTypeAndSubtype).isPresent();
    }

    private static Mono<Fetched> refused(ClientResponse response, String problem) {
        return response.releaseBody().then(Mono.error(new DirectoryException(problem)));
    }
}

package org.masquerelay.cli.doctor;

import java.net.InetSocketAddress;
import java.net.URI;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.X509TrustManager;
import org.masquerelay.transport.TlsMaterial;
import org.masquerelay.tunnel.HttpVersion;
import org.masquerelay.wire.HostPort;

/// Looks at a host and at what is reached from there. Blocks, and changes nothing.
public record Doctor(HostFiles files, Wanted wanted, Names names, Peers peers, Own own) {
    /// @param server the resolver; empty for the host's
    /// @param name of a host that exists
    public record Names(Optional<InetSocketAddress> server, String name) {}

    /// @param anchors who signs the certificates of relays
    /// @param trust the same authorities
    /// @param clock whose `Date` to compare with
    public record Peers(
            Optional<HostPort> relay,
            Optional<HostPort> egress,
            List<HttpVersion> versions,
            List<X509Certificate> anchors,
            X509TrustManager trust,
            Optional<URI> clock,
            Duration timeout) {
        public Peers {
            versions = List.copyOf(versions);
            anchors = List.copyOf(anchors);
        }
    }

    /// What this host shows others.
    ///
    /// @param file what the chain was read from
    /// @param chain empty when there is none to check
    /// @param name that clients dial
    public record Own(
            String file,
            List<X509Certificate> chain,
            Optional<PrivateKey> key,
            Optional<String> name) {
        public Own {
            chain = List.copyOf(chain);
        }
    }

    public List<Finding> findings() {
        var clock = InstantSource.system();
        var found = new ArrayList<Finding>();
        found.addAll(new KernelLimits(files, wanted).findings());
        found.addAll(new SourcePrefixes(files, wanted.prefixes()).findings());
        found.addAll(certificate(clock));
        found.add(new Clocks(peers.clock(), files, peers.timeout(), clock).finding());
        var server = names.server().or(() -> Resolver.ofHost(files));
        found.addAll(new Resolver(server, names.name(), peers.timeout()).findings());
        peers.relay().ifPresent(at -> found.addAll(relay("relay", at, clock)));
        peers.egress().ifPresent(at -> found.addAll(relay("egress", at, clock)));
        return List.copyOf(found);
    }

    private List<Finding> certificate(InstantSource clock) {
        if (own.chain().isEmpty()) {
            return List.of();
        }
        var certificates =
                new Certificates(own.file(), own.chain(), peers.trust(), clock.instant());
        var found = new ArrayList<>(certificates.findings(own.name(), false));
        own.key().ifPresent(key -> found.add(certificates.keyMatch(key)));
        return found;
    }

    private List<Finding> relay(String role, HostPort at, InstantSource clock) {
        var tls =
                own.key()
                        .map(key -> new TlsMaterial(key, own.chain(), peers.anchors()))
                        .orElseGet(() -> TlsMaterial.trusting(peers.anchors()));
        return new RelayChecks(
                        role, at, tls, peers.trust(), peers.versions(), peers.timeout(), clock)
                .findings();
    }
}

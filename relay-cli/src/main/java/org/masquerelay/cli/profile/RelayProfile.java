package org.masquerelay.cli.profile;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.masquerelay.cli.profile.PropertyList.Array;
import org.masquerelay.cli.profile.PropertyList.Data;
import org.masquerelay.cli.profile.PropertyList.Dictionary;
import org.masquerelay.cli.profile.PropertyList.Whole;
import org.masquerelay.tunnel.HeaderFields;

/// A configuration profile for Apple's devices that has them use relays: a payload of the type
/// `com.apple.relay.managed`, and those with the certificates it needs.
///
/// @param name what its user reads
/// @param identifier a new profile of the same one takes the place of the old
/// @param hops one or two relays, the first one first; the device nests the second in the first
/// @param anchors who signs the relays' certificates, unless the device knows
/// @param matchDomains what goes through the relays; everything where it is empty
/// @param excludedDomains what does not
public record RelayProfile(
        String name,
        String identifier,
        List<Hop> hops,
        List<X509Certificate> anchors,
        List<String> matchDomains,
        List<String> excludedDomains) {
    private static final Whole VERSION = new Whole(1);

    public RelayProfile {
        hops = List.copyOf(hops);
        anchors = List.copyOf(anchors);
        matchDomains = List.copyOf(matchDomains);
        excludedDomains = List.copyOf(excludedDomains);
    }

    /// One relay. It has one URL at least.
    ///
    /// @param http3Url a URL or a URI template (RFC 9298)
    /// @param http2Url likewise
    /// @param fields sent with each request
    /// @param identity what the device shows that it is
    public record Hop(
            Optional<String> http3Url,
            Optional<String> http2Url,
            HeaderFields fields,
            Optional<Identity> identity) {}

    /// A certificate with its private key.
    ///
    /// @param pkcs12 the contents of the file, whose password the device asks for
    @SuppressWarnings("ArrayRecordComponent") // Written once, compared never.
    public record Identity(String fileName, byte[] pkcs12) {}

    /// The profile as a `.mobileconfig` file, whose payloads get their names from `uuids`.
    public String toXml(Supplier<UUID> uuids) throws CertificateEncodingException {
        var payloads = new ArrayList<Dictionary>();
        var relays = new ArrayList<Dictionary>();
        for (int i = 0; i < hops.size(); i++) {
            var hop = hops.get(i);
            var relay = relay(hop);
            if (hop.identity().isPresent()) {
                var uuid = text(uuids.get());
                payloads.add(identity(hop.identity().get(), i + 1, uuid));
                relay = relay.with("PayloadCertificateUUID", uuid);
            }
            relays.add(relay);
        }
        for (int i = 0; i < anchors.size(); i++) {
            payloads.add(anchor(anchors.get(i), i + 1, text(uuids.get())));
        }
        payloads.add(relayPayload(relays, text(uuids.get()), text(uuids.get())));
        return PropertyList.xml(
                payload("Configuration", identifier, text(uuids.get()), name)
                        .with("PayloadContent", new Array(payloads)));
    }

    private Dictionary relayPayload(List<Dictionary> relays, String uuid, String relayUuid) {
        var payload =
                payload("com.apple.relay.managed", identifier + ".relay", uuid, name)
                        .with("Relays", new Array(relays))
                        .with("RelayUUID", relayUuid);
        if (!matchDomains.isEmpty()) {
            payload = payload.with("MatchDomains", Array.ofTexts(matchDomains));
        }
        return excludedDomains.isEmpty()
                ? payload
                : payload.with("ExcludedDomains", Array.ofTexts(excludedDomains));
    }

    private static Dictionary relay(Hop hop) {
        var relay = new Dictionary();
        if (hop.http3Url().isPresent()) {
            relay = relay.with("HTTP3RelayURL", hop.http3Url().get());
        }
        if (hop.http2Url().isPresent()) {
            relay = relay.with("HTTP2RelayURL", hop.http2Url().get());
        }
        var fields = new Dictionary();
        for (var field : hop.fields()) {
            fields = fields.with(field.name(), field.value());
        }
        return fields.entries().isEmpty()
                ? relay
                : relay.with("AdditionalHTTPHeaderFields", fields);
    }

    private Dictionary identity(Identity identity, int number, String uuid) {
        return payload(
                        "com.apple.security.pkcs12",
                        identifier + ".identity" + number,
                        uuid,
                        "Identity for relay " + number)
                .with("PayloadCertificateFileName", identity.fileName())
                .with("PayloadContent", new Data(identity.pkcs12()));
    }

    private Dictionary anchor(X509Certificate certificate, int number, String uuid)
            throws CertificateEncodingException {
        return payload(
                        "com.apple.security.root",
                        identifier + ".ca" + number,
                        uuid,
                        "Authority " + number + " of the relays")
                .with("PayloadCertificateFileName", "ca" + number + ".cer")
                .with("PayloadContent", new Data(certificate.getEncoded()));
    }

    private static Dictionary payload(String type, String identifier, String uuid, String name) {
        return new Dictionary()
                .with("PayloadType", type)
                .with("PayloadVersion", VERSION)
                .with("PayloadIdentifier", identifier)
                .with("PayloadUUID", uuid)
                .with("PayloadDisplayName", name);
    }

    private static String text(UUID uuid) {
        return uuid.toString().toUpperCase(Locale.ROOT);
    }
}

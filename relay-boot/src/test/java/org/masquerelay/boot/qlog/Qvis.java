package org.masquerelay.boot.qlog;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Looks at a file as qvis does when it loads one, and at nothing else; the names in parentheses
/// are those of qvis's sources. Throws what qvis would tell its user, in a message or on the
/// console.
final class Qvis {
    private static final Set<String> VERSIONS = // (QlogSchema02, Defaults.versionAliases)
            Set.of("draft-02", "draft-02-RC1", "qlog-03-WIP", "0.3");

    private static final Set<String> PACKET_TYPES = // (QlogSchema02, PacketType)
            Set.of("initial", "handshake", "0RTT", "1RTT");

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /// What is listed of a file.
    ///
    /// @param name the entry in the lists of connections (Connection.getLongName)
    /// @param vantage from which side its diagrams are drawn
    /// @param startMillis what times count from, since 1970
    record Connection(String name, String vantage, BigDecimal startMillis, List<Event> events) {}

    /// @param category what comes before the colon of its name
    record Event(BigDecimal time, String category, String type) {}

    private Qvis() {}

    static Connection open(String fileName, String text) {
        check(fileName.endsWith(".sqlog"), "File extension unsupported"); // (FileLoader)
        var records = records(text);
        check(!records.isEmpty(), "no entries found in the loaded file");
        var header = records.removeFirst();
        check(
                header.has("qlog_version")
                        && header.path("qlog_format").asString("").equals("JSON-SEQ")
                        && header.has("trace"),
                "File did not start with the proper qlog header");
        check(
                VERSIONS.contains(header.get("qlog_version").asString()),
                "Unknown qlog version"); // (QlogLoaderV2.fromJSON)
        return connection(header.get("trace"), records);
    }

    /// (TextSequenceJSONToQlog.createRecordTransformer.) One bad record, and the page waits for
    /// ever.
    private static List<JsonNode> records(String text) {
        var records = new ArrayList<JsonNode>();
        for (var record : text.split("\u001e", -1)) {
            if (!record.isBlank()) {
                records.add(JSON.readTree(record.strip()));
            }
        }
        return records;
    }

    /// (QlogLoaderV2.fromDraft02.)
    private static Connection connection(JsonNode trace, List<JsonNode> records) {
        check(!records.isEmpty(), "None of the selected traces have events in them");
        check(!records.getFirst().has("group_id"), "Is split in groups by events");
        check(!trace.has("event_fields"), "Trace still uses event_fields");
        var events = new ArrayList<Event>();
        var before = BigDecimal.ZERO;
        for (var record : records) {
            var event = event(record);
            check(event.time().compareTo(before) >= 0, "timestamps were not in the correct order");
            before = event.time();
            events.add(event);
        }
        var vantage = trace.at("/vantage_point/type").asString("");
        check(Set.of("server", "client").contains(vantage), "No VantagePoint set");
        var name = trace.at("/vantage_point/name").asString("");
        return new Connection(
                (name.isEmpty() ? "" : name + " : ")
                        + vantage
                        + " : "
                        + trace.path("title").asString(""),
                vantage,
                start(trace),
                events);
    }

    /// (DirectEventParser.init.) A reference time that is an object is taken for 1970, and times
    /// are in milliseconds unless the trace has a configuration that says otherwise.
    private static BigDecimal start(JsonNode trace) {
        var common = trace.path("common_fields");
        check(common.path("time_format").asString("").equals("relative"), "No proper time_format");
        check(common.path("reference_time").isNumber(), "no reference_time found");
        check(!trace.has("configuration"), "Times are offset, or in other units");
        return common.get("reference_time").decimalValue();
    }

    /// (DirectEventParser.)
    private static Event event(JsonNode event) {
        check(event.path("time").isNumber(), "an event without a time");
        check(!event.has("category"), "an event with a category of its own");
        var name = event.path("name").asString("").split(":", -1);
        check(name.length == 2 && !name[0].isEmpty() && !name[1].isEmpty(), "no category:type");
        var data = event.path("data");
        check(data.isObject(), "an event without data");
        if (data.has("header") || data.has("packet_type")) {
            var type = data.at("/header/packet_type").asString("");
            check(PACKET_TYPES.contains(type), "a packet of no type it knows");
            check(name[1].equals("packet_dropped"), "packets, which no rule is known for here");
        }
        return new Event(event.get("time").decimalValue(), name[0], name[1]);
    }

    private static void check(boolean right, String message) {
        if (!right) {
            throw new AssertionError("qvis: " + message);
        }
    }
}

package org.masquerelay.boot.qlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.masquerelay.observe.ConnectionTrace;
import org.masquerelay.observe.ConnectionTrace.Cause;
import org.masquerelay.observe.ConnectionTrace.End;
import org.masquerelay.observe.ConnectionTrace.PacketType;
import org.masquerelay.observe.PacketInterest;
import org.masquerelay.observe.TunnelListener.QuicRole;
import org.masquerelay.testkit.Await;
import org.masquerelay.tunnel.TunnelKind;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
final class QlogTest {
    private static final End NO_ERROR = new End(Cause.PEER, true, 0x100);
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir Path directory;

    private QlogSettings settings() {
        return new QlogSettings(
                directory.resolve("qlog"),
                "in\"gress\\",
                QlogEventType.all(),
                1,
                10,
                1 << 20,
                Duration.ofDays(30),
                1 << 30,
                true);
    }

    private QlogSettings bounded(int maxOpen, long maxSize, long maxTotal) {
        var s = settings();
        return new QlogSettings(
                s.directory(),
                s.title(),
                s.events(),
                1,
                maxOpen,
                maxSize,
                s.maxAge(),
                maxTotal,
                false);
    }

    private static Qlog open(QlogSettings settings) throws IOException {
        return new Qlog(settings, InstantSource.system());
    }

    private List<Path> files() throws IOException {
        try (var found = Files.list(directory.resolve("qlog"))) {
            return found.sorted().toList();
        }
    }

    private static String text(Path file) {
        try (var in = Files.newInputStream(file)) {
            var plain = file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
            return new String(plain.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All there is so far.
    private String written() {
        try {
            return files().stream().map(QlogTest::text).collect(Collectors.joining());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A JSON text sequence (RFC 7464): each text after a record separator, and before a line end.
    private static List<JsonNode> records(Path file) {
        var records = new ArrayList<JsonNode>();
        for (var text : text(file).split("\u001e", -1)) {
            if (!text.isEmpty()) {
                assertThat(text).endsWith("\n");
                records.add(JSON.readTree(text));
            }
        }
        return records;
    }

    private static List<String> names(List<JsonNode> records) {
        return records.stream().skip(1).map(record -> record.get("name").asString()).toList();
    }

    @Test
    void writesAFileThatAToolForQlogReads() throws Exception {
        try (var qlog = open(settings())) {
            var trace = qlog.trace(QuicRole.SERVER);
            trace.established();
            var tunnel = trace.tunnel(TunnelKind.UDP);
            tunnel.opened();
            tunnel.capsule(0x2a, 17);
            tunnel.closed();
            trace.tunnel(TunnelKind.TCP).closed(); // Refused.
            trace.migrated(false);
            trace.closed(NO_ERROR);
        }

        assertThat(files()).hasSize(1);
        var file = files().getFirst();
        assertThat(file.toString()).endsWith(".sqlog.gz");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        var records = records(file);
        var header = records.getFirst();
        assertThat(header.get("qlog_version").asString()).isEqualTo("0.3");
        assertThat(header.get("qlog_format").asString()).isEqualTo("JSON-SEQ");
        assertThat(header.get("title").asString()).isEqualTo("in\"gress\\");
        assertThat(header.at("/trace/vantage_point/type").asString()).isEqualTo("server");
        assertThat(header.at("/trace/common_fields/time_format").asString()).isEqualTo("relative");
        assertThat(header.at("/trace/common_fields/reference_time").asLong())
                .isCloseTo(
                        System.currentTimeMillis(), org.assertj.core.data.Offset.offset(60_000L));
        assertThat(names(records))
                .containsExactly(
                        "connectivity:connection_started",
                        "connectivity:connection_state_updated",
                        "security:key_updated",
                        "security:key_updated",
                        "masque:tunnel_open",
                        "masque:capsule_received",
                        "masque:tunnel_closed",
                        "masque:peer_migrated",
                        "connectivity:connection_closed");
        double before = 0;
        for (var event : records.subList(1, records.size())) {
            assertThat(event.get("time").asDouble()).isGreaterThanOrEqualTo(before);
            before = event.get("time").asDouble();
            assertThat(event.get("data").isObject()).isTrue();
        }
        assertThat(records.get(5).get("data").toString())
                .isEqualTo("{\"tunnel\":0,\"protocol\":\"udp\"}");
        assertThat(records.get(6).get("data").toString())
                .isEqualTo("{\"tunnel\":0,\"capsule_type\":42,\"length\":17}");
        assertThat(records.getLast().get("data").toString())
                .isEqualTo("{\"owner\":\"remote\",\"application_code\":256}");
    }

    private static Qvis.Connection inQvis(Path file) {
        return Qvis.open(file.getFileName().toString().replaceFirst("[.]gz$", ""), text(file));
    }

    @Test
    void writesWhatQvisLooksAtWhenItOpensAFile() throws Exception {
        long before = System.currentTimeMillis();
        try (var qlog = open(settings())) {
            var trace = qlog.trace(QuicRole.SERVER);
            trace.established();
            var tunnel = trace.tunnel(TunnelKind.BIND);
            tunnel.opened();
            tunnel.capsule(0x11, 1L << 40);
            tunnel.closed();
            trace.migrated(true);
            trace.closed(NO_ERROR);
        }
        var connection = inQvis(files().getFirst());
        assertThat(connection.name()).isEqualTo("in\"gress\\ : server : accepted");
        assertThat(connection.vantage()).isEqualTo("server");
        assertThat(connection.startMillis().longValueExact())
                .isBetween(before, System.currentTimeMillis());
        assertThat(connection.events())
                .extracting(event -> event.category() + " " + event.type())
                .containsExactly(
                        "connectivity connection_started",
                        "connectivity connection_state_updated",
                        "security key_updated",
                        "security key_updated",
                        "masque tunnel_open",
                        "masque capsule_received",
                        "masque tunnel_closed",
                        "masque peer_migrated",
                        "connectivity connection_closed");
    }

    @Test
    void tellsOfDroppedPacketsAndOfKeys() throws Exception {
        try (var qlog = open(settings())) {
            assertThat(qlog.packetInterest()).isEqualTo(PacketInterest.DROPS_AND_KEYS);
            var trace = qlog.trace(QuicRole.SERVER);
            trace.established();
            trace.packetDropped(PacketType.HANDSHAKE, 120);
            trace.keysUpdated(1);
            trace.packetDropped(PacketType.ONE_RTT, 41);
            trace.closed(NO_ERROR);
        }
        var records = records(files().getFirst());
        assertThat(data(records, "transport:packet_dropped"))
                .containsExactly(
                        "{\"header\":{\"packet_type\":\"handshake\"},\"raw\":{\"length\":120}}",
                        "{\"header\":{\"packet_type\":\"1RTT\"},\"raw\":{\"length\":41}}");
        assertThat(data(records, "security:key_updated"))
                .containsExactly(
                        key("client", 0, "tls"),
                        key("server", 0, "tls"),
                        key("client", 1, "remote_update"),
                        key("server", 1, "remote_update"));
        assertThat(inQvis(files().getFirst()).events()).hasSize(9);
    }

    private static String key(String side, int generation, String trigger) {
        return "{\"key_type\":\""
                + side
                + "_1rtt_secret\",\"generation\":"
                + generation
                + ",\"trigger\":\""
                + trigger
                + "\"}";
    }

    private static List<String> data(List<JsonNode> records, String name) {
        return records.stream()
                .skip(1)
                .filter(record -> record.get("name").asString().equals(name))
                .map(record -> record.get("data").toString())
                .toList();
    }

    @Test
    void leavesRoomForOtherEventsThanDroppedPackets() throws Exception {
        try (var qlog = open(settings())) {
            var trace = qlog.trace(QuicRole.SERVER);
            for (int i = 0; i < 5000; i++) {
                trace.packetDropped(PacketType.ONE_RTT, 41);
            }
            Await.until("the writer has seen them", () -> ((QlogTrace) trace).queued().get() == 0);
            trace.migrated(true);
            trace.closed(NO_ERROR);
        }
        var records = records(files().getFirst());
        assertThat(data(records, "transport:packet_dropped")).hasSize(250);
        assertThat(data(records, "masque:peer_migrated")).hasSize(1);
        assertThat(data(records, "masque:events_left_out")).containsExactly("{\"count\":4750}");
    }

    @Test
    void leavesRoomForOtherEventsInTheSmallestFileToo() throws Exception {
        try (var qlog = open(bounded(10, 4096, 1 << 30))) {
            var trace = qlog.trace(QuicRole.SERVER);
            for (int i = 0; i < 5000; i++) {
                trace.packetDropped(PacketType.HANDSHAKE, 65_535);
            }
            Await.until("the writer has seen them", () -> ((QlogTrace) trace).queued().get() == 0);
            trace.established();
            trace.tunnel(TunnelKind.UDP).opened();
            trace.closed(NO_ERROR);
        }
        assertThat(names(records(files().getFirst()))).contains("masque:tunnel_open");
    }

    @Test
    void writesWhatItIsAskedForAndWhereAFileBeginsAndEnds() throws Exception {
        try (var qlog = open(only(Set.of(QlogEventType.MASQUE_CAPSULE_RECEIVED)))) {
            assertThat(qlog.packetInterest()).isEqualTo(PacketInterest.NONE);
            var trace = qlog.trace(QuicRole.SERVER);
            trace.established();
            for (int i = 0; i < 2000; i++) {
                trace.packetDropped(PacketType.ONE_RTT, 41); // Nothing is missing without them.
            }
            trace.keysUpdated(1);
            var tunnel = trace.tunnel(TunnelKind.UDP);
            tunnel.opened();
            tunnel.capsule(1, 2);
            tunnel.closed();
            trace.closed(NO_ERROR);
        }
        assertThat(names(records(files().getFirst())))
                .containsExactly(
                        "connectivity:connection_started",
                        "masque:capsule_received",
                        "connectivity:connection_closed");
    }

    @Test
    void keepsKeysOnlyForEventsOfKeys() {
        assertThat(only(Set.of(QlogEventType.TRANSPORT_PACKET_DROPPED)).packetInterest())
                .isEqualTo(PacketInterest.DROPS);
        assertThat(only(Set.of(QlogEventType.SECURITY_KEY_UPDATED)).packetInterest())
                .isEqualTo(PacketInterest.DROPS_AND_KEYS);
        var s = settings();
        var nothing =
                new QlogSettings(
                        s.directory(), "", s.events(), 0, 10, 4096, s.maxAge(), 1 << 20, false);
        assertThat(nothing.packetInterest()).isEqualTo(PacketInterest.NONE);
    }

    private QlogSettings only(Set<QlogEventType> events) {
        var s = settings();
        return new QlogSettings(
                s.directory(),
                s.title(),
                events,
                1,
                s.maxOpen(),
                s.maxSize(),
                s.maxAge(),
                s.maxTotal(),
                false);
    }

    @Test
    void writesForQvisWhileAConnectionIsOpenAndWhenItsFileIsFull() throws Exception {
        try (var qlog = open(bounded(10, 4096, 1 << 30))) {
            var trace = qlog.trace(QuicRole.CLIENT);
            Await.until("the first event", () -> written().contains("connection_started"));
            var file = files().getFirst();
            assertThat(inQvis(file).name()).isEqualTo("in\"gress\\ : client : dialled");
            assertThat(inQvis(file).events()).hasSize(1);

            var tunnel = trace.tunnel(TunnelKind.UDP);
            for (int i = 0; i < 1000; i++) {
                tunnel.capsule(i, 1);
            }
            trace.closed(new End(Cause.IDLE, false, -1));
        }
        assertThat(inQvis(files().getFirst()).events())
                .extracting(Qvis.Event::type)
                .endsWith("events_left_out", "connection_closed");
    }

    @Test
    void keepsAFileWithinItsSizeAndSaysWhatIsMissing() throws Exception {
        try (var qlog = open(bounded(10, 4096, 1 << 30))) {
            var trace = qlog.trace(QuicRole.CLIENT);
            var tunnel = trace.tunnel(TunnelKind.BIND);
            for (int i = 0; i < 1000; i++) {
                tunnel.capsule(i, 1);
            }
            trace.closed(new End(Cause.IDLE, false, -1));
        }
        var file = files().getFirst();
        assertThat(Files.size(file)).isBetween(4000L, 4096L + 400);
        var records = records(file);
        var leftOut = records.get(records.size() - 2);
        assertThat(leftOut.get("name").asString()).isEqualTo("masque:events_left_out");
        assertThat(leftOut.at("/data/count").asInt() + records.size() - 4).isEqualTo(1000);
        assertThat(records.getLast().at("/data/trigger").asString()).isEqualTo("idle_timeout");
    }

    @Test
    void writesNoMoreConnectionsAtATimeThanItMayAndNoneOutsideTheSample() throws Exception {
        try (var qlog = open(bounded(2, 4096, 1 << 30))) {
            var first = qlog.trace(QuicRole.SERVER);
            qlog.trace(QuicRole.SERVER);
            assertThat(qlog.trace(QuicRole.SERVER)).isSameAs(ConnectionTrace.OFF);
            assertThat(qlog.skipped()).isEqualTo(1);
            first.closed(NO_ERROR);
            Await.until("a place", () -> !qlog.trace(QuicRole.SERVER).equals(ConnectionTrace.OFF));
        }
        var s = settings();
        var none =
                new QlogSettings(
                        s.directory(), "", s.events(), 0, 10, 4096, s.maxAge(), 1 << 20, false);
        try (var qlog = open(none)) {
            assertThat(qlog.trace(QuicRole.SERVER)).isSameAs(ConnectionTrace.OFF);
        }
    }

    @Test
    void deletesWhatIsTooOldAndTheOldestOfWhatIsTooMuch() throws Exception {
        var folder = new QlogFolder(bounded(10, 4096, 2500));
        var now = Instant.parse("2030-01-01T00:00:00Z");
        var days = new int[] {31, 3, 2, 1};
        for (int day : days) {
            var file = folder.file("d" + day);
            Files.write(file, new byte[1000]);
            Files.setLastModifiedTime(file, FileTime.from(now.minus(Duration.ofDays(day))));
        }
        var foreign = directory.resolve("qlog").resolve("note.txt");
        Files.write(foreign, new byte[9000]);
        Files.setLastModifiedTime(foreign, FileTime.from(Instant.EPOCH));

        folder.sweep(now, Set.of());
        assertThat(files()).containsExactly(folder.file("d1"), folder.file("d2"), foreign);

        folder.sweep(now.plus(Duration.ofDays(60)), Set.of(folder.file("d1")));
        assertThat(files()).containsExactly(folder.file("d1"), foreign);
    }

    @Test
    void countsTheFilesThatAreBeingWrittenAsWell() throws Exception {
        var folder = new QlogFolder(bounded(10, 4096, 2500));
        var now = Instant.parse("2030-01-01T00:00:00Z");
        for (int day : new int[] {4, 3, 2, 1}) {
            var file = folder.file("d" + day);
            Files.write(file, new byte[1000]);
            Files.setLastModifiedTime(file, FileTime.from(now.minus(Duration.ofDays(day))));
        }
        folder.sweep(now, Set.of(folder.file("d4"), folder.file("d3")));
        assertThat(files()).containsExactly(folder.file("d3"), folder.file("d4"));
    }

    @Test
    void keepsToTheTotalHoweverFastConnectionsComeAndGo() throws Exception {
        try (var qlog = open(bounded(10, 4096, 20_000))) {
            Await.until(
                    "the first sweep, and files beyond it",
                    () -> {
                        for (int i = 0; i < 10; i++) {
                            qlog.trace(QuicRole.SERVER).closed(NO_ERROR);
                        }
                        return qlog.skipped() > 100;
                    });
            Await.until("no more than may be", () -> totalSize() <= 20_000 + 20_000 / 8 + 10_000);
        }
    }

    private long totalSize() {
        try {
            long total = 0;
            for (var file : files()) {
                total += Files.size(file);
            }
            return total;
        } catch (IOException _) {
            return Long.MAX_VALUE; // One was deleted meanwhile.
        }
    }

    @Test
    void endsThoughEventsNeverCease() throws Exception {
        var flood = new AtomicBoolean(true);
        var before = Thread.getAllStackTraces().keySet();
        var qlog = open(settings());
        var traces = new ArrayList<ConnectionTrace>();
        for (int i = 0; i < 10; i++) {
            traces.add(qlog.trace(QuicRole.SERVER));
        }
        var flooding =
                Thread.ofPlatform()
                        .start(() -> {
                            var tunnels =
                                    traces.stream()
                                            .map(trace -> trace.tunnel(TunnelKind.UDP))
                                            .toList();
                            while (flood.get()) {
                                tunnels.forEach(tunnel -> tunnel.capsule(1, 1));
                            }
                        });
        try {
            Await.until("the queue is full", () -> qlog.dropped() > 0);
            qlog.close();
            assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().equals("relay-qlog"))
                    .isSubsetOf(before);
        } finally {
            flood.set(false);
            flooding.join();
        }
    }

    @Test
    void leavesRoomForTheEventsOfOthers() throws Exception {
        try (var qlog = open(settings())) {
            var tunnel = qlog.trace(QuicRole.SERVER).tunnel(TunnelKind.UDP);
            var other = qlog.trace(QuicRole.CLIENT);
            for (int i = 0; i < 2_000_000 && qlog.dropped() == 0; i++) {
                tunnel.capsule(1, 1);
            }
            long dropped = qlog.dropped();
            assertThat(dropped).isPositive();
            for (int i = 0; i < 1000; i++) {
                other.migrated(true);
            }
            assertThat(qlog.dropped()).isEqualTo(dropped);
        }
    }

    @Test
    void queuesNothingForAFileThatIsFull() throws Exception {
        try (var qlog = open(bounded(10, 4096, 1 << 30))) {
            var trace = qlog.trace(QuicRole.CLIENT);
            var tunnel = trace.tunnel(TunnelKind.BIND);
            for (int i = 0; i < 1000; i++) {
                tunnel.capsule(i, 1);
            }
            Await.until("the writer has seen them", () -> ((QlogTrace) trace).queued().get() == 0);
            for (int i = 0; i < 200_000; i++) {
                tunnel.capsule(i, 1);
            }
            assertThat(((QlogTrace) trace).queued()).hasValue(0);
            trace.closed(NO_ERROR);
        }
        var records = records(files().getFirst());
        var leftOut = records.get(records.size() - 2);
        assertThat(leftOut.at("/data/count").asInt() + records.size() - 4).isEqualTo(201_000);
    }

    @Test
    void writesAgainOnceTheDirectoryIsBack() throws Exception {
        try (var qlog = open(settings())) {
            Files.delete(directory.resolve("qlog"));
            qlog.trace(QuicRole.SERVER).closed(NO_ERROR);
            Await.until("the place is free", () -> qlog.open() == 0);
            Files.createDirectory(directory.resolve("qlog"));
            qlog.trace(QuicRole.SERVER).closed(NO_ERROR);
        }
        assertThat(files()).hasSize(1);
    }

    @Test
    void leavesEventsOutThatTheWriterDoesNotKeepUpWith() throws Exception {
        try (var qlog = open(settings())) {
            var trace = qlog.trace(QuicRole.SERVER);
            var tunnel = trace.tunnel(TunnelKind.UDP);
            for (int i = 0; i < 2_000_000 && qlog.dropped() == 0; i++) {
                tunnel.capsule(1, 1);
            }
            assertThat(qlog.dropped()).isPositive();
            trace.closed(NO_ERROR);
        }
        assertThat(names(records(files().getFirst()))).endsWith("connectivity:connection_closed");
    }
}

package org.masquerelay.cli.socks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.masquerelay.wire.HostPort;

final class SocksMessagesTest {
    /// `web.example` behind its length.
    private static final String NAME = "0b7765622e6578616d706c65";

    private static final String CONNECT_NAME = "05010003" + NAME + "01bb";

    /// A request, and where it leads.
    record Target(String hex, HostPort target) {}

    static List<Target> targets() {
        return List.of(
                new Target(CONNECT_NAME, new HostPort("web.example", 443)),
                new Target("05010001c00002010050", new HostPort("192.0.2.1", 80)),
                new Target(
                        "0501000420010db80000000000000000000000010035",
                        new HostPort("2001:db8::1", 53)),
                new Target(
                        "0501000400000000000000000000ffffc00002010050",
                        new HostPort("192.0.2.1", 80)),
                new Target("05010003093139322e302e322e310050", new HostPort("192.0.2.1", 80)));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void readsWhereARequestLeads(Target expected) throws Exception {
        var request = SocksRequest.read(bytes(expected.hex()));

        assertThat(request.command()).isEqualTo(SocksRequest.Command.CONNECT);
        assertThat(request.address().target()).contains(expected.target());
    }

    @Test
    void readsNotAByteMoreThanTheRequest() throws Exception {
        var in = bytes(CONNECT_NAME + "1603");

        SocksRequest.read(in);

        assertThat(in.readAllBytes()).containsExactly(0x16, 0x03);
    }

    @Test
    void readsUdpAssociate() throws Exception {
        var request = SocksRequest.read(bytes("05030001000000000000"));

        assertThat(request.command()).isEqualTo(SocksRequest.Command.UDP_ASSOCIATE);
    }

    /// What cannot be carried out, and why.
    record Wrong(String name, String hex, SocksReply reply) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Wrong> wrongs() {
        return List.of(
                new Wrong("version 4", "04010001c00002010050", SocksReply.GENERAL_FAILURE),
                new Wrong("BIND", "05020001c00002010050", SocksReply.COMMAND_NOT_SUPPORTED),
                new Wrong("command 0", "05000001c00002010050", SocksReply.COMMAND_NOT_SUPPORTED),
                new Wrong("command 255", "05ff0001c00002010050", SocksReply.COMMAND_NOT_SUPPORTED),
                new Wrong("type 0", "05010000", SocksReply.ADDRESS_TYPE_NOT_SUPPORTED),
                new Wrong("type 2", "05010002", SocksReply.ADDRESS_TYPE_NOT_SUPPORTED),
                new Wrong("type 255", "050100ff", SocksReply.ADDRESS_TYPE_NOT_SUPPORTED));
    }

    @ParameterizedTest
    @MethodSource("wrongs")
    void saysWhyARequestIsNotCarriedOut(Wrong wrong) {
        assertThatThrownBy(() -> SocksRequest.read(bytes(wrong.hex())))
                .isInstanceOfSatisfying(
                        SocksFault.class,
                        fault -> assertThat(fault.reply()).isEqualTo(wrong.reply()));
    }

    @Test
    void findsEveryPrefixOfARequestTooShort() {
        byte[] whole = HexFormat.of().parseHex(CONNECT_NAME);
        for (int length = 0; length < whole.length; length++) {
            var prefix = new ByteArrayInputStream(whole, 0, length);
            assertThatThrownBy(() -> SocksRequest.read(new DataInputStream(prefix)))
                    .as("%d bytes", length)
                    .isInstanceOf(EOFException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0501000300" + "0050", // no name at all
                "05010003022e2e" + "0050", // two dots
                "0501000303612062" + "0050", // a blank
                "050100030361000a" + "0050", // control characters
                "0501000302c3bc" + "0050", // no ASCII
                "05010001c0000201" + "0000", // port 0
                "0501000305" + "3132372e31" + "0050" // 127.1
            })
    void readsRequestsThatLeadNowhere(String hex) throws Exception {
        assertThat(SocksRequest.read(bytes(hex)).address().target()).isEmpty();
    }

    @Test
    void choosesNoAuthenticationWhereverItIsOffered() throws Exception {
        assertThat(SocksGreeting.read(bytes("020200")).answer()).containsExactly(5, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "0102", "02017f"})
    void refusesOtherMethods(String hex) throws Exception {
        assertThat(SocksGreeting.read(bytes(hex)).answer()).containsExactly(5, 0xff);
    }

    @Test
    void findsAGreetingTooShort() {
        assertThatThrownBy(() -> SocksGreeting.read(bytes("0300")))
                .isInstanceOf(EOFException.class);
    }

    @Test
    void repliesWithTheAddressOfTheSocket() throws Exception {
        var v4 = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0x1234);
        var v6 = new InetSocketAddress(InetAddress.getByName("::1"), 0x1234);

        assertThat(SocksReply.SUCCEEDED.message(v4))
                .asHexString()
                .isEqualTo("050000017F0000011234");
        assertThat(SocksReply.SUCCEEDED.message(v6))
                .asHexString()
                .isEqualTo("05000004000000000000000000000000000000011234");
        assertThat(SocksReply.NOT_ALLOWED.message())
                .asHexString()
                .isEqualTo("05020001000000000000");
    }

    @Test
    void answersAClientOfVersion4InItsLanguage() {
        assertThat(SocksVersion.refusalOfFour()).containsExactly(0, 91, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void takesADatagramApart() {
        byte[] packet = HexFormat.of().parseHex("00000003" + NAME + "0035" + "70696e67");

        var datagram = SocksDatagram.parse(packet, packet.length).orElseThrow();

        assertThat(datagram.address().target()).contains(new HostPort("web.example", 53));
        assertThat(datagram.payload()).asString(UTF_8).isEqualTo("ping");
        assertThat(SocksDatagram.packet(datagram.address(), datagram.payload())).isEqualTo(packet);
    }

    @Test
    void takesAnEmptyDatagram() {
        byte[] packet = HexFormat.of().parseHex("00000001c00002010035");

        assertThat(SocksDatagram.parse(packet, packet.length).orElseThrow().payload()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000101c0000201003570", // the first fragment
                "00008101c0000201003570", // the last fragment
                "00010001c0000201003570", // reserved bytes in use
                "01000001c0000201003570",
                "00000002c0000201003570" // an unknown type of address
            })
    void dropsFragmentsAndWhatIsMalformed(String hex) {
        byte[] packet = HexFormat.of().parseHex(hex);

        assertThat(SocksDatagram.parse(packet, packet.length)).isEmpty();
    }

    @Test
    void dropsEveryPrefixOfAHeader() {
        byte[] header = HexFormat.of().parseHex("00000003" + NAME + "0035");
        for (int length = 0; length < header.length; length++) {
            assertThat(SocksDatagram.parse(header, length)).as("%d bytes", length).isEmpty();
            assertThat(SocksDatagram.parse(Arrays.copyOf(header, length), length)).isEmpty();
        }
    }

    private static DataInputStream bytes(String hex) {
        return new DataInputStream(new ByteArrayInputStream(HexFormat.of().parseHex(hex)));
    }
}

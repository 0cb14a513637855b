/* Which frames the XDP filter drops. Plain C without kernel headers or calls, so that it is tested natively, too.
 *
 * Dropped is what a QUIC endpoint has to drop anyway: a long header of version 1 or 2 with a connection ID of more
 * than 20 bytes (RFC 9000, section 17.2; RFC 9369, section 3). Everything else passes, above all long headers of
 * other versions: their connection IDs may have 255 bytes (RFC 8999, section 5.3), and the listener answers them with
 * Version Negotiation (RFC 9000, section 17.2.1). What is cut off or unclear passes as well: the kernel judges it.
 */
#ifndef MASQUE_FILTER_H
#define MASQUE_FILTER_H

/* UDP ports of the listeners, separated by commas: cc -DMASQUE_PORTS=443,8443 */
#ifndef MASQUE_PORTS
#define MASQUE_PORTS 443, 4443, 4434
#endif

/* 1: drops Initial packets in datagrams of less than 1200 bytes, too (RFC 9000, section 14.1). */
#ifndef MASQUE_DROP_SHORT_INITIALS
#define MASQUE_DROP_SHORT_INITIALS 0
#endif

enum masque_verdict { MASQUE_PASS = 0, MASQUE_DROP = 1 };

typedef unsigned char masque_u8;
typedef unsigned int masque_u32;

#define MASQUE_ETHERNET_BYTES 14
#define MASQUE_VLAN_BYTES 4
#define MASQUE_MAX_VLANS 2
#define MASQUE_IPV4_BYTES 20
#define MASQUE_IPV6_BYTES 40
#define MASQUE_UDP_BYTES 8

#define MASQUE_TYPE_IPV4 0x0800
#define MASQUE_TYPE_IPV6 0x86dd
#define MASQUE_TYPE_VLAN 0x8100
#define MASQUE_TYPE_QINQ 0x88a8
#define MASQUE_PROTOCOL_UDP 17

#define MASQUE_QUIC_1 0x00000001u
#define MASQUE_QUIC_2 0x6b3343cfu /* RFC 9369, section 3.1 */
#define MASQUE_MAX_CID 20
#define MASQUE_MIN_INITIAL_DATAGRAM 1200

#define MASQUE_INLINE static inline __attribute__((always_inline))

MASQUE_INLINE masque_u32 masque_16(const masque_u8 *at)
{
	return (masque_u32)at[0] << 8 | at[1];
}

MASQUE_INLINE masque_u32 masque_32(const masque_u8 *at)
{
	return masque_16(at) << 16 | masque_16(at + 2);
}

MASQUE_INLINE int masque_is_listener(masque_u32 port)
{
	const masque_u32 ports[] = { MASQUE_PORTS };
	int found = 0;

#pragma GCC unroll 16
	for (unsigned int i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		found |= ports[i] == port;
	return found;
}

/* The first QUIC packet of a datagram of `length` bytes; those behind it are not looked at. */
MASQUE_INLINE enum masque_verdict masque_quic(const masque_u8 *packet, const masque_u8 *end, masque_u32 length)
{
	masque_u32 version, dcid, scid;
	const masque_u8 *behind;

	if (packet + 6 > end || !(packet[0] & 0x80)) /* the Header Form bit: RFC 8999, section 5 */
		return MASQUE_PASS;
	version = masque_32(packet + 1);
	if (version != MASQUE_QUIC_1 && version != MASQUE_QUIC_2)
		return MASQUE_PASS;
	dcid = packet[5];
	if (dcid > MASQUE_MAX_CID)
		return MASQUE_DROP;
	behind = packet + 6 + dcid;
	if (behind + 1 > end)
		return MASQUE_PASS;
	scid = behind[0];
	if (scid > MASQUE_MAX_CID)
		return MASQUE_DROP;
	if (MASQUE_DROP_SHORT_INITIALS && length < MASQUE_MIN_INITIAL_DATAGRAM) {
		/* Initial is type 0 of version 1 and type 1 of version 2 (RFC 9369, section 3.2). */
		masque_u32 initial = version == MASQUE_QUIC_1 ? 0 : 1;

		if ((masque_u32)(packet[0] >> 4 & 3) == initial)
			return MASQUE_DROP;
	}
	return MASQUE_PASS;
}

MASQUE_INLINE enum masque_verdict masque_udp(const masque_u8 *udp, const masque_u8 *end)
{
	masque_u32 length;

	if (udp + MASQUE_UDP_BYTES > end)
		return MASQUE_PASS;
	length = masque_16(udp + 4); /* not what the frame has: Ethernet pads */
	if (length < MASQUE_UDP_BYTES || !masque_is_listener(masque_16(udp + 2)))
		return MASQUE_PASS;
	return masque_quic(udp + MASQUE_UDP_BYTES, end, length - MASQUE_UDP_BYTES);
}

MASQUE_INLINE enum masque_verdict masque_ipv4(const masque_u8 *ip, const masque_u8 *end)
{
	masque_u32 words;

	if (ip + MASQUE_IPV4_BYTES > end)
		return MASQUE_PASS;
	words = ip[0] & 0x0f; /* the header's length with its options */
	if (words < MASQUE_IPV4_BYTES / 4 || ip[9] != MASQUE_PROTOCOL_UDP)
		return MASQUE_PASS;
	if (masque_16(ip + 6) & 0x1fff) /* a later fragment has no UDP header */
		return MASQUE_PASS;
	return masque_udp(ip + words * 4, end);
}

/* Packets with extension headers pass. */
MASQUE_INLINE enum masque_verdict masque_ipv6(const masque_u8 *ip, const masque_u8 *end)
{
	if (ip + MASQUE_IPV6_BYTES > end || ip[6] != MASQUE_PROTOCOL_UDP)
		return MASQUE_PASS;
	return masque_udp(ip + MASQUE_IPV6_BYTES, end);
}

/* The verdict on an Ethernet frame from `frame` up to, not including, `end`. */
MASQUE_INLINE enum masque_verdict masque_frame(const masque_u8 *frame, const masque_u8 *end)
{
	const masque_u8 *at = frame + MASQUE_ETHERNET_BYTES;
	masque_u32 type;

	if (at > end)
		return MASQUE_PASS;
	type = masque_16(frame + 12);
#pragma GCC unroll 2
	for (int i = 0; i < MASQUE_MAX_VLANS; i++) {
		if (type != MASQUE_TYPE_VLAN && type != MASQUE_TYPE_QINQ)
			break;
		if (at + MASQUE_VLAN_BYTES > end)
			return MASQUE_PASS;
		type = masque_16(at + 2);
		at += MASQUE_VLAN_BYTES;
	}
	if (type == MASQUE_TYPE_IPV4)
		return masque_ipv4(at, end);
	if (type == MASQUE_TYPE_IPV6)
		return masque_ipv6(at, end);
	return MASQUE_PASS;
}

#endif

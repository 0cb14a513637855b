/* Frames and the verdicts on them: cc masque_filter_test.c && ./a.out. Each frame ends at a page that cannot be read. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "masque_filter.h"

enum { V4, V6 };

struct frame {
	const char *name;
	int family;
	int vlans;
	int option_words; /* of IPv4 */
	int fragment;     /* the field with flags and offset of IPv4 */
	int next;         /* the protocol within IP; 0: UDP */
	int port;
	int udp_length;   /* 0: as it is; the payload is filled up with zeros */
	masque_u32 version;
	int first;        /* byte of the packet */
	int dcid;
	int scid;
	int padding;      /* behind the datagram, as Ethernet pads */
	enum masque_verdict verdict;
	enum masque_verdict verdict_on_short; /* with MASQUE_DROP_SHORT_INITIALS */
};

#define V1 MASQUE_QUIC_1
#define V2 MASQUE_QUIC_2
#define PASS MASQUE_PASS
#define DROP MASQUE_DROP
#define FULL 1208 /* UDP length of an Initial that is long enough */

static const struct frame frames[] = {
	{ "an Initial of version 1", V4, 0, 0, 0, 0, 443, FULL, V1, 0xc3, 8, 8, 0, PASS, PASS },
	{ "connection IDs of 20 bytes", V4, 0, 0, 0, 0, 443, FULL, V1, 0xc3, 20, 20, 0, PASS, PASS },
	{ "no connection IDs", V4, 0, 0, 0, 0, 443, FULL, V1, 0xc3, 0, 0, 0, PASS, PASS },
	{ "a destination ID of 21 bytes", V4, 0, 0, 0, 0, 443, FULL, V1, 0xc3, 21, 8, 0, DROP, DROP },
	{ "a destination ID of 255 bytes", V4, 0, 0, 0, 0, 443, FULL, V1, 0xc3, 255, 8, 0, DROP, DROP },
	{ "a source ID of 21 bytes", V4, 0, 0, 0, 0, 443, FULL, V1, 0xc3, 8, 21, 0, DROP, DROP },
	{ "a source ID of 21 bytes behind none", V4, 0, 0, 0, 0, 443, FULL, V1, 0xc3, 0, 21, 0, DROP, DROP },
	{ "the same over IPv6", V6, 0, 0, 0, 0, 443, FULL, V1, 0xc3, 21, 8, 0, DROP, DROP },
	{ "a good Initial over IPv6", V6, 0, 0, 0, 0, 443, FULL, V1, 0xc3, 8, 8, 0, PASS, PASS },
	{ "a Handshake packet", V4, 0, 0, 0, 0, 443, FULL, V1, 0xe3, 21, 8, 0, DROP, DROP },
	{ "a greased fixed bit", V4, 0, 0, 0, 0, 443, FULL, V1, 0x83, 21, 8, 0, DROP, DROP },
	{ "version 2", V4, 0, 0, 0, 0, 443, FULL, V2, 0xd3, 21, 8, 0, DROP, DROP },
	{ "version 2 over IPv6", V6, 0, 0, 0, 0, 443, FULL, V2, 0xd3, 21, 8, 0, DROP, DROP },
	{ "a good Initial of version 2", V4, 0, 0, 0, 0, 443, FULL, V2, 0xd3, 8, 8, 0, PASS, PASS },
	{ "an unknown version", V4, 0, 0, 0, 0, 443, FULL, 0x1a2a3a4a, 0xc3, 255, 255, 0, PASS, PASS },
	{ "a draft's version", V4, 0, 0, 0, 0, 443, FULL, 0xff00001d, 0xc3, 21, 8, 0, PASS, PASS },
	{ "Version Negotiation", V4, 0, 0, 0, 0, 443, 0, 0, 0xc3, 255, 8, 0, PASS, PASS },
	{ "version 1 with its bytes turned round", V4, 0, 0, 0, 0, 443, FULL, 0x01000000, 0xc3, 21, 8, 0, PASS, PASS },
	{ "a short header", V4, 0, 0, 0, 0, 443, 0, V1, 0x43, 255, 8, 0, PASS, PASS },
	{ "another port", V4, 0, 0, 0, 0, 444, FULL, V1, 0xc3, 21, 8, 0, PASS, PASS },
	{ "the port with its bytes turned round", V4, 0, 0, 0, 0, 0xbb01, FULL, V1, 0xc3, 21, 8, 0, PASS, PASS },
	{ "the second port", V4, 0, 0, 0, 0, 4443, FULL, V1, 0xc3, 21, 8, 0, DROP, DROP },
	{ "the last port", V6, 0, 0, 0, 0, 4434, FULL, V1, 0xc3, 21, 8, 0, DROP, DROP },
	{ "TCP", V4, 0, 0, 0, 6, 443, FULL, V1, 0xc3, 21, 8, 0, PASS, PASS },
	{ "IPv6 with an extension header", V6, 0, 0, 0, 60, 443, FULL, V1, 0xc3, 21, 8, 0, PASS, PASS },
	{ "IPv4 options", V4, 0, 10, 0, 0, 443, FULL, V1, 0xc3, 21, 8, 0, DROP, DROP },
	{ "a good packet behind IPv4 options", V4, 0, 10, 0, 0, 443, FULL, V1, 0xc3, 8, 8, 0, PASS, PASS },
	{ "an IPv4 header shorter than itself", V4, 0, -1, 0, 0, 443, FULL, V1, 0xc3, 21, 8, 0, PASS, PASS },
	{ "a first fragment", V4, 0, 0, 0x2000, 0, 443, FULL, V1, 0xc3, 21, 8, 0, DROP, DROP },
	{ "a later fragment", V4, 0, 0, 0x0010, 0, 443, FULL, V1, 0xc3, 21, 8, 0, PASS, PASS },
	{ "do not fragment", V4, 0, 0, 0x4000, 0, 443, FULL, V1, 0xc3, 21, 8, 0, DROP, DROP },
	{ "a VLAN tag", V4, 1, 0, 0, 0, 443, FULL, V1, 0xc3, 21, 8, 0, DROP, DROP },
	{ "two VLAN tags", V6, 2, 0, 0, 0, 443, FULL, V1, 0xc3, 21, 8, 0, DROP, DROP },
	{ "three VLAN tags", V4, 3, 0, 0, 0, 443, FULL, V1, 0xc3, 21, 8, 0, PASS, PASS },
	{ "an Initial in 1199 bytes", V4, 0, 0, 0, 0, 443, FULL - 1, V1, 0xc3, 8, 8, 0, PASS, DROP },
	{ "an Initial in 1199 bytes over IPv6", V6, 0, 0, 0, 0, 443, FULL - 1, V1, 0xc3, 8, 8, 0, PASS, DROP },
	{ "an Initial of version 2 in 1199 bytes", V4, 0, 0, 0, 0, 443, FULL - 1, V2, 0xd3, 8, 8, 0, PASS, DROP },
	{ "a short Initial with padding of Ethernet", V4, 0, 0, 0, 0, 443, 40, V1, 0xc3, 8, 8, 1200, PASS, DROP },
	{ "a short Handshake packet", V4, 0, 0, 0, 0, 443, 60, V1, 0xe3, 8, 8, 0, PASS, PASS },
	{ "a short 0-RTT packet", V4, 0, 0, 0, 0, 443, 60, V1, 0xd3, 8, 8, 0, PASS, PASS },
	{ "a short Retry of version 2", V4, 0, 0, 0, 0, 443, 60, V2, 0xc3, 8, 8, 0, PASS, PASS },
	{ "a short packet of an unknown version", V4, 0, 0, 0, 0, 443, 60, 0x1a2a3a4a, 0xc3, 8, 8, 0, PASS, PASS },
	{ "a UDP length of less than its header", V4, 0, 0, 0, 0, 443, 7, V1, 0xc3, 21, 8, 0, PASS, PASS },
};

static masque_u8 *put16(masque_u8 *at, unsigned int value)
{
	at[0] = (masque_u8)(value >> 8);
	at[1] = (masque_u8)value;
	return at + 2;
}

static unsigned int write_frame(const struct frame *f, masque_u8 *start)
{
	masque_u8 *at = start, *udp, *packet;
	unsigned int written, length;
	int options = f->option_words > 0 ? f->option_words : 0;

	memset(start, 0, 4096);
	at += 12;
	for (int i = 0; i < f->vlans; i++) {
		at = put16(at, i == 0 && f->vlans > 1 ? MASQUE_TYPE_QINQ : MASQUE_TYPE_VLAN);
		at = put16(at, 7);
	}
	at = put16(at, f->family == V4 ? MASQUE_TYPE_IPV4 : MASQUE_TYPE_IPV6);
	if (f->family == V4) {
		at[0] = (masque_u8)(0x45 + f->option_words);
		put16(at + 6, (unsigned int)f->fragment);
		at[9] = (masque_u8)(f->next ? f->next : MASQUE_PROTOCOL_UDP);
		at += 20 + 4 * options;
	} else {
		at[0] = 0x60;
		at[6] = (masque_u8)(f->next ? f->next : MASQUE_PROTOCOL_UDP);
		at += 40;
	}
	udp = at;
	put16(udp, 55555);
	put16(udp + 2, (unsigned int)f->port);
	packet = udp + 8;
	packet[0] = (masque_u8)f->first;
	put16(put16(packet + 1, f->version >> 16), f->version & 0xffff);
	packet[5] = (masque_u8)f->dcid;
	memset(packet + 6, 0xdd, (size_t)f->dcid);
	packet[6 + f->dcid] = (masque_u8)f->scid;
	memset(packet + 7 + f->dcid, 0xdd, (size_t)f->scid);
	written = (unsigned int)(8 + 7 + f->dcid + f->scid);
	length = f->udp_length ? (unsigned int)f->udp_length : written;
	put16(udp + 4, length);
	return (unsigned int)(udp - start) + (length > written ? length : written) + (unsigned int)f->padding;
}

int main(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (8192 + page - 1) / page * page;
	masque_u8 *memory = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	masque_u8 *end = memory + room;
	masque_u8 frame[4096];
	int wrong = 0, count = (int)(sizeof(frames) / sizeof(frames[0]));

	if (memory == MAP_FAILED || mprotect(end, page, PROT_NONE) != 0) {
		perror("mmap");
		return 2;
	}
	for (int i = 0; i < count; i++) {
		unsigned int length = write_frame(&frames[i], frame);
		enum masque_verdict wanted =
			MASQUE_DROP_SHORT_INITIALS ? frames[i].verdict_on_short : frames[i].verdict;

		/* Cut off anywhere, it passes, or gets the verdict on the whole; what is behind it is not read. */
		for (unsigned int cut = 0; cut <= length; cut++) {
			enum masque_verdict got;

			memcpy(end - cut, frame, cut);
			got = masque_frame(end - cut, end);
			if (cut == length ? got != wanted : got != wanted && got != MASQUE_PASS) {
				printf("%s, %u of %u bytes: %s\n", frames[i].name, cut, length,
				       got == MASQUE_DROP ? "dropped" : "passed");
				wrong++;
			}
		}
	}
	printf("%d of %d frames judged as expected\n", count - (wrong > count ? count : wrong), count);
	return wrong != 0;
}

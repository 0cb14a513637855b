/* Drops QUIC packets that no endpoint accepts before they reach a socket; see masque_filter.h and README.md. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "masque_filter.h"

/* How many frames were dropped, for each CPU: bpftool map dump name masque_drops */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} masque_drops SEC(".maps");

SEC("xdp")
int xdp_masque_filter(struct xdp_md *ctx)
{
	const masque_u8 *frame = (const masque_u8 *)(long)ctx->data;
	const masque_u8 *end = (const masque_u8 *)(long)ctx->data_end;
	__u32 key = 0;
	__u64 *drops;

	if (masque_frame(frame, end) == MASQUE_PASS)
		return XDP_PASS;
	drops = bpf_map_lookup_elem(&masque_drops, &key);
	if (drops)
		(*drops)++;
	return XDP_DROP;
}

/* No helper used here asks for a licence. */
char _license[] SEC("license") = "unspecified";

/* pcapng — packets kept in memory as a capture file (PCAP Next Generation, draft-ietf-opsawg-pcapng) that
 * Wireshark opens: each dressed in IPv4 and UDP between two made-up addresses, as what was decrypted has none
 * of its own. Pure. Thread: owner's; no allocation after pcapng_open. Ownership: one block, mem_free frees
 * it. Limits: as many bytes as asked for at the start; packets past it are left out and counted. */
#ifndef PCAPNG_H
#define PCAPNG_H
#include <stdbool.h>
#include "media/base/str.h"

enum { PCAPNG_PACKET_MAX = 2048 };

struct pcapng {
    size_t n, cap; /* of the file */
    uint64_t kept, left_out;
    uint8_t file[];
};
struct pcapng_packet {
    int64_t wall_us; /* Unix time */
    bool is_out;     /* sent by this server */
    struct bytes data;
};
struct pcapng *pcapng_open(size_t bytes);
void pcapng_put(struct pcapng *c, const struct pcapng_packet *p);

#endif

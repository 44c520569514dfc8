#include "media/base/pcapng.h"

#include "media/base/mem.h"
#include "media/base/wr.h"

enum {
    BLOCK_SECTION = 0x0A0D0D0A,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    BYTE_ORDER = 0x1A2B3C4D, /* as read, everything here is in network order */
    LINKTYPE_RAW = 101,      /* "Raw IP; the packet begins with an IPv4 or IPv6 header" */
    OPT_FLAGS = 2,           /* epb_flags: "00 = information not available, 01 = inbound, 10 = outbound" */
    SECTION_BYTES = 28,
    INTERFACE_BYTES = 20,
    PACKET_BYTES = 32 + 12, /* without the data: fixed fields, the flags and the end of options */
    IP_BYTES = 20,
    UDP_BYTES = 8,
    PORT = 5004,
    IP_HERE = 0x0A000001, /* 10.0.0.1: this server; .2: the other end */
    IP_THERE = 0x0A000002
};

static void head(struct wr *w) {
    wr_u32(w, BLOCK_SECTION);
    wr_u32(w, SECTION_BYTES);
    wr_u32(w, BYTE_ORDER);
    wr_u16(w, 1); /* version 1.0 */
    wr_u16(w, 0);
    wr_u32(w, UINT32_MAX); /* the section's length is not told */
    wr_u32(w, UINT32_MAX);
    wr_u32(w, SECTION_BYTES);
    wr_u32(w, BLOCK_INTERFACE);
    wr_u32(w, INTERFACE_BYTES);
    wr_u16(w, LINKTYPE_RAW);
    wr_u16(w, 0);
    wr_u32(w, PCAPNG_PACKET_MAX + IP_BYTES + UDP_BYTES);
    wr_u32(w, INTERFACE_BYTES);
}

struct pcapng *pcapng_open(size_t bytes) {
    struct pcapng *c = mem_zalloc(sizeof *c + bytes);
    c->cap = bytes;
    struct wr w = wr_init(c->file, c->cap);
    head(&w);
    c->n = w.bad ? 0 : wr_len(&w);
    return c;
}

/* RFC 1071 over the header, which has an even number of bytes. */
static uint16_t checksum(const uint8_t *p) {
    uint32_t sum = 0;
    for (int i = 0; i < IP_BYTES; i += 2)
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

static void dress(struct wr *w, const struct pcapng_packet *p) {
    uint8_t *ip = w->p;
    wr_u16(w, 0x4500); /* IPv4, five words */
    wr_u16(w, (uint16_t)(IP_BYTES + UDP_BYTES + p->data.n));
    wr_u32(w, 0);
    wr_u16(w, 64 << 8 | 17); /* time to live, UDP */
    wr_u16(w, 0);
    wr_u32(w, p->is_out ? IP_HERE : IP_THERE);
    wr_u32(w, p->is_out ? IP_THERE : IP_HERE);
    uint16_t sum = checksum(ip);
    ip[10] = (uint8_t)(sum >> 8);
    ip[11] = (uint8_t)sum;
    wr_u16(w, PORT);
    wr_u16(w, PORT);
    wr_u16(w, (uint16_t)(UDP_BYTES + p->data.n));
    wr_u16(w, 0); /* no checksum (RFC 768) */
    wr_put(w, p->data.p, p->data.n);
}

void pcapng_put(struct pcapng *c, const struct pcapng_packet *p) {
    static const uint8_t zeros[4];
    size_t n = IP_BYTES + UDP_BYTES + p->data.n, pad = (4 - n % 4) % 4, block = PACKET_BYTES + n + pad;
    if (p->data.n > PCAPNG_PACKET_MAX || c->cap - c->n < block) {
        c->left_out++;
        return;
    }
    struct wr w = wr_init(c->file + c->n, block);
    wr_u32(&w, BLOCK_PACKET);
    wr_u32(&w, (uint32_t)block);
    wr_u32(&w, 0); /* the only interface */
    wr_u32(&w, (uint32_t)((uint64_t)p->wall_us >> 32));
    wr_u32(&w, (uint32_t)p->wall_us);
    wr_u32(&w, (uint32_t)n);
    wr_u32(&w, (uint32_t)n);
    dress(&w, p);
    wr_put(&w, zeros, pad);
    wr_u16(&w, OPT_FLAGS);
    wr_u16(&w, 4);
    wr_u32(&w, p->is_out ? 2 : 1);
    wr_u32(&w, 0); /* end of options */
    wr_u32(&w, (uint32_t)block);
    c->n += block;
    c->kept++;
}

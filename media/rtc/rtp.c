#include "media/rtc/rtp.h"
#include "media/base/err.h"
#include "media/base/rd.h"

enum {
    RTP_PROFILE_ONE_BYTE = 0xBEDE, /* RFC 8285 4.2: "0xBEDE" */
    RTP_PROFILE_TWO_BYTE = 0x1000, /* RFC 8285 4.3: 0x100 and 4 "appbits" */
    RTP_ID_STOP = 15,              /* RFC 8285 4.2: "an ID value of 15 ... processing ... terminate" */
    RTP_ID_WRITE_MAX = 14,
    RTP_ONE_BYTE_MAX = 16, /* bytes of an element of the one-byte form */
};

static int parse_exts(struct rtp *out, uint16_t profile, struct rd x) {
    bool two = (profile & 0xfff0) == RTP_PROFILE_TWO_BYTE;
    if (!two && profile != RTP_PROFILE_ONE_BYTE)
        return 0; /* somebody's own extension: RFC 3550 5.3.1 lets us ignore it */
    while (rd_left(&x)) {
        uint8_t b = rd_u8(&x), id = two ? b : b >> 4;
        size_t n;
        if (!b)
            continue; /* padding byte: "ID 0 ... the length field MUST be 0" */
        if (two) {
            n = rd_u8(&x);
        } else {
            if (id == RTP_ID_STOP)
                break;
            n = (size_t)(b & 15) + 1;
        }
        struct bytes v = rd_bytes(&x, n);
        if (x.bad)
            return -ERR_INVALID;
        if (id && id <= RTP_EXT_ID_MAX)
            out->ext[id] = v;
    }
    return 0;
}

/*  0                   1                   2                   3
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * |                           timestamp                           |
 * |           synchronization source (SSRC) identifier            | CSRC ... extension ... payload */
int rtp_parse(struct rtp *out, struct bytes packet) {
    memset(out, 0, sizeof *out);
    if (packet.n > RTP_PACKET_MAX)
        return -ERR_TOO_LARGE;
    struct rd r = rd_init(packet.p, packet.n);
    uint8_t b0 = rd_u8(&r), b1 = rd_u8(&r);
    out->seq = rd_u16(&r);
    out->ts = rd_u32(&r);
    out->ssrc = rd_u32(&r);
    rd_skip(&r, (size_t)(b0 & 15) * 4);
    if (r.bad)
        return -ERR_SHORT;
    if (b0 >> 6 != 2)
        return -ERR_INVALID;
    out->marker = b1 >> 7;
    out->pt = b1 & 127;
    if (b0 & 0x10) {
        uint16_t profile = rd_u16(&r), words = rd_u16(&r);
        struct rd x = rd_sub(&r, (size_t)words * 4);
        if (r.bad)
            return -ERR_SHORT;
        int err = parse_exts(out, profile, x);
        if (err)
            return err;
    }
    out->payload = rd_rest(&r);
    if (b0 & 0x20) {
        /* RFC 3550 5.1: "The last octet of the padding contains a count ... including itself". */
        out->padding = out->payload.n ? out->payload.p[out->payload.n - 1] : 0;
        if (!out->padding || out->padding > out->payload.n)
            return -ERR_INVALID;
        out->payload.n -= out->padding;
    }
    return 0;
}

bool rtp_is_rtcp(struct bytes packet) {
    return packet.n >= 2 && packet.p[0] >> 6 == 2 && packet.p[1] >= 192 && packet.p[1] <= 223;
}

static struct bytes ext_of(const struct rtp *p, uint8_t id) {
    return id && id <= RTP_EXT_ID_MAX ? p->ext[id] : (struct bytes){NULL, 0};
}

bool rtp_audio_level(const struct rtp *p, uint8_t id, uint8_t *level_dbov, bool *voice) {
    struct bytes e = ext_of(p, id);
    if (e.n < 1)
        return false;
    *level_dbov = e.p[0] & 127;
    *voice = e.p[0] >> 7;
    return true;
}

bool rtp_transport_cc(const struct rtp *p, uint8_t id, uint16_t *seq) {
    struct bytes e = ext_of(p, id);
    if (e.n < 2)
        return false;
    *seq = (uint16_t)(e.p[0] << 8 | e.p[1]);
    return true;
}

struct str rtp_mid(const struct rtp *p, uint8_t id) {
    struct bytes e = ext_of(p, id);
    return e.n && e.n <= RTP_MID_MAX ? (struct str){(const char *)e.p, e.n} : (struct str){"", 0};
}

struct bytes rtp_dd(const struct rtp *p, uint8_t id) {
    return ext_of(p, id);
}

int rtp_rtx_unwrap(struct rtp *p) {
    if (p->payload.n < 2)
        return -ERR_SHORT;
    p->seq = (uint16_t)(p->payload.p[0] << 8 | p->payload.p[1]);
    p->payload.p += 2;
    p->payload.n -= 2;
    return 0;
}

static uint8_t *put_u16(uint8_t *p, uint16_t v) {
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
    return p + 2;
}

static uint8_t *put_u32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
    return p + 4;
}

/* Octets of one element; 0 when it is not negotiated or its id needs a form we never negotiate. */
static size_t ext_size(uint8_t id, size_t n, bool two) {
    return id && id <= RTP_ID_WRITE_MAX ? n + 1 + two : 0;
}

/* Its head, at `p`: where its value goes. */
static uint8_t *ext_head(uint8_t *p, uint8_t id, size_t n, bool two) {
    if (!two) {
        *p = (uint8_t)(id << 4 | (n - 1));
        return p + 1;
    }
    p[0] = id;
    p[1] = (uint8_t)n;
    return p + 2;
}

/* How long each element of a packet will be. RFC 8285 4.1.2: a packet has elements of one form only. */
struct exts {
    size_t mid, time, wide, level, dd;
    bool two; /* the two-byte form */
};
enum { DD_FRAME = 1, DD_AFTER = 3 }; /* where the frame number stands in it (dd.h) */

static struct exts exts_of(const struct rtp_out *o) {
    bool two = o->map.dd && o->dd.n > RTP_ONE_BYTE_MAX;
    return (struct exts){
        .mid = o->mid_n && o->mid_n <= RTP_MID_MAX ? ext_size(o->map.mid, o->mid_n, two) : 0,
        .time = ext_size(o->map.abs_send_time, 3, two),
        .wide = ext_size(o->map.transport_cc, 2, two),
        .level = o->has_level ? ext_size(o->map.audio_level, 1, two) : 0,
        .dd = o->dd.n >= DD_AFTER ? ext_size(o->map.dd, o->dd.n, two) : 0,
        .two = two,
    };
}

/* Writes them; returns their end. This goes before every packet that leaves: no cursors here, there is room
 * for all of it. */
static uint8_t *write_exts(const struct exts *x, const struct rtp_out *o, uint8_t *p) {
    if (x->mid) {
        p = ext_head(p, o->map.mid, o->mid_n, x->two);
        for (unsigned i = 0; i < o->mid_n; i++)
            *p++ = (uint8_t)o->mid[i];
    }
    if (x->time) {
        p = ext_head(p, o->map.abs_send_time, 3, x->two);
        *p++ = (uint8_t)(o->abs_send_time >> 16);
        p = put_u16(p, (uint16_t)o->abs_send_time);
    }
    if (x->wide)
        p = put_u16(ext_head(p, o->map.transport_cc, 2, x->two), o->transport_seq);
    if (x->level) {
        p = ext_head(p, o->map.audio_level, 1, x->two);
        *p++ = (uint8_t)((o->voice ? 0x80 : 0) | (o->level_dbov & 127));
    }
    if (x->dd) {
        p = ext_head(p, o->map.dd, o->dd.n, x->two);
        memcpy(p, o->dd.p, o->dd.n);
        put_u16(p + DD_FRAME, o->dd_frame);
        p += o->dd.n;
    }
    return p;
}

int rtp_write(const struct rtp_out *o, struct bytes payload, uint8_t *dst, size_t cap) {
    struct exts x = exts_of(o);
    size_t used = x.mid + x.time + x.wide + x.level + x.dd, padded = (used + 3) & ~(size_t)3;
    size_t head = RTP_HEAD + (used ? 4 + padded : 0) + (o->rtx ? 2 : 0);
    if (head > cap || payload.n > cap - head)
        return -ERR_TOO_LARGE;
    uint8_t *p = dst;
    *p++ = used ? 0x90 : 0x80;
    *p++ = (uint8_t)((o->marker ? 0x80 : 0) | (o->pt & 127));
    p = put_u16(p, o->seq);
    p = put_u32(p, o->ts);
    p = put_u32(p, o->ssrc);
    if (used) {
        p = put_u16(p, x.two ? RTP_PROFILE_TWO_BYTE : RTP_PROFILE_ONE_BYTE);
        p = write_exts(&x, o, put_u16(p, (uint16_t)(padded / 4)));
        for (size_t i = used; i < padded; i++)
            *p++ = 0;
    }
    if (o->rtx)
        p = put_u16(p, o->osn);
    if (payload.n)
        memcpy(p, payload.p, payload.n);
    return (int)(head + payload.n);
}

uint32_t rtp_abs_send_time(int64_t now_us) {
    uint64_t us = (uint64_t)now_us % 64000000u;
    return (uint32_t)((us << 18) / 1000000u) & 0xffffff;
}

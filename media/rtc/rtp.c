#include "media/rtc/rtp.h"
#include "media/base/err.h"
#include "media/base/rd.h"
#include "media/base/wr.h"

enum {
    RTP_PROFILE_ONE_BYTE = 0xBEDE, /* RFC 8285 4.2: "0xBEDE" */
    RTP_PROFILE_TWO_BYTE = 0x1000, /* RFC 8285 4.3: 0x100 and 4 "appbits" */
    RTP_ID_STOP = 15,              /* RFC 8285 4.2: "an ID value of 15 ... processing ... terminate" */
    RTP_ID_WRITE_MAX = 14,
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

int rtp_rtx_unwrap(struct rtp *p) {
    if (p->payload.n < 2)
        return -ERR_SHORT;
    p->seq = (uint16_t)(p->payload.p[0] << 8 | p->payload.p[1]);
    p->payload.p += 2;
    p->payload.n -= 2;
    return 0;
}

/* The head of one element (RFC 8285 4.2); false when it is not negotiated or its id needs the two-byte form,
 * which we never negotiate. */
static bool ext_head(struct wr *w, uint8_t id, size_t n) {
    if (!id || id > RTP_ID_WRITE_MAX)
        return false;
    wr_u8(w, (uint8_t)(id << 4 | (n - 1)));
    return true;
}

static void write_exts(struct wr *w, const struct rtp_out *o) {
    if (o->mid_n && o->mid_n <= RTP_MID_MAX && ext_head(w, o->map.mid, o->mid_n))
        wr_put(w, o->mid, o->mid_n);
    if (ext_head(w, o->map.abs_send_time, 3))
        wr_u24(w, o->abs_send_time);
    if (ext_head(w, o->map.transport_cc, 2))
        wr_u16(w, o->transport_seq);
    if (o->has_level && ext_head(w, o->map.audio_level, 1))
        wr_u8(w, (uint8_t)((o->voice ? 0x80 : 0) | (o->level_dbov & 127)));
}

int rtp_write(const struct rtp_out *o, struct bytes payload, uint8_t *dst, size_t cap) {
    uint8_t room[64]; /* four elements of at most 17 + 4 + 3 + 2 bytes, and padding */
    struct wr x = wr_init(room, sizeof room);
    write_exts(&x, o);
    wr_zero(&x, -wr_len(&x) & 3);
    struct wr w = wr_init(dst, cap);
    size_t exts = wr_len(&x);
    wr_u8(&w, exts ? 0x90 : 0x80);
    wr_u8(&w, (uint8_t)((o->marker ? 0x80 : 0) | (o->pt & 127)));
    wr_u16(&w, o->seq);
    wr_u32(&w, o->ts);
    wr_u32(&w, o->ssrc);
    if (exts) {
        wr_u16(&w, RTP_PROFILE_ONE_BYTE);
        wr_u16(&w, (uint16_t)(exts / 4));
        wr_put(&w, room, exts);
    }
    if (o->rtx)
        wr_u16(&w, o->osn);
    wr_put(&w, payload.p, payload.n);
    return w.bad ? -ERR_TOO_LARGE : (int)wr_len(&w);
}

uint32_t rtp_abs_send_time(int64_t now_us) {
    uint64_t us = (uint64_t)now_us % 64000000u;
    return (uint32_t)((us << 18) / 1000000u) & 0xffffff;
}

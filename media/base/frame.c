#include "media/base/frame.h"
#include "media/base/err.h"
#include "media/base/rd.h"
#include "media/base/wr.h"

enum {
    RTP_HEAD = 12, /* RFC 3550 5.1: "The first twelve octets are present in every RTP packet" */
    SR_BYTES = 12, /* NTP time (8) and RTP timestamp (4) */
};

/* What a reader relies on: media, codec and clock are known wherever media is carried. */
static bool frame_ok(const struct frame *f) {
    bool named =
        f->media >= FRAME_AUDIO && f->media <= FRAME_VIDEO && f->codec >= FRAME_OPUS && f->codec <= FRAME_AV1;
    switch (f->kind) {
    case FRAME_RTP:
        return named && f->clock_hz && f->payload.n >= RTP_HEAD;
    case FRAME_SR:
        return named && f->clock_hz && f->payload.n == SR_BYTES;
    case FRAME_GONE:
    case FRAME_KEYFRAME:
        return !f->payload.n;
    default:
        return false;
    }
}

int frame_parse(struct frame *out, struct bytes msg) {
    struct rd r = rd_init(msg.p, msg.n);
    struct frame f = {0};
    f.kind = rd_u8(&r);
    f.media = rd_u8(&r);
    f.codec = rd_u8(&r);
    f.flags = rd_u8(&r);
    f.track = rd_u32(&r);
    f.arrival_us = (int64_t)rd_u64(&r);
    f.clock_hz = rd_u32(&r);
    if (r.bad)
        return -ERR_SHORT;
    f.payload = rd_rest(&r);
    if (msg.n > FRAME_MAX || !frame_ok(&f))
        return -ERR_INVALID;
    *out = f;
    return 0;
}

int frame_write(const struct frame *f, uint8_t *dst, size_t cap) {
    struct wr w = wr_init(dst, cap);
    wr_u8(&w, f->kind);
    wr_u8(&w, f->media);
    wr_u8(&w, f->codec);
    wr_u8(&w, f->flags);
    wr_u32(&w, f->track);
    wr_u64(&w, (uint64_t)f->arrival_us);
    wr_u32(&w, f->clock_hz);
    wr_put(&w, f->payload.p, f->payload.n);
    if (w.bad || f->payload.n > FRAME_MAX - FRAME_HEAD)
        return -ERR_TOO_LARGE;
    return (int)wr_len(&w);
}

#include "media/rtc/codec_vp8.h"
#include "media/base/err.h"
#include "media/base/rd.h"

/* RFC 6386 9.1: frame tag of 3 bytes; a key frame goes on with the start code 9d 01 2a, then 14 bits of width
 * and of height, each under 2 bits of scale, little endian. */
static int keyframe_size(struct codec_vp8 *out, struct rd r) {
    rd_skip(&r, 3);
    uint32_t code = rd_u24(&r);
    uint16_t w = rd_u16(&r), h = rd_u16(&r);
    if (r.bad)
        return -ERR_SHORT;
    if (code != 0x9d012a)
        return -ERR_INVALID;
    out->keyframe = true;
    out->width = (uint16_t)((w >> 8 | w << 8) & 0x3fff);
    out->height = (uint16_t)((h >> 8 | h << 8) & 0x3fff);
    return 0;
}

/*      0 1 2 3 4 5 6 7
 *     |X|R|N|S|R| PID | (REQUIRED)
 * X:  |I|L|T|K| RSV   | (OPTIONAL)
 * I:  |M| PictureID   | (OPTIONAL)      M: | PictureID |
 * L:  |   TL0PICIDX   | (OPTIONAL)
 * T/K:|TID|Y| KEYIDX  | (OPTIONAL) */
int codec_vp8_parse(struct codec_vp8 *out, struct bytes payload) {
    memset(out, 0, sizeof *out);
    struct rd r = rd_init(payload.p, payload.n);
    uint8_t b0 = rd_u8(&r), x = b0 & 0x80 ? rd_u8(&r) : 0;
    if (x & 0x80) {
        out->ids.pid_off = (uint8_t)(r.p - payload.p);
        out->ids.pid = rd_u8(&r);
        out->ids.pid_bits = 7;
        if (out->ids.pid & 0x80) {
            out->ids.pid = (uint16_t)((out->ids.pid & 0x7f) << 8 | rd_u8(&r));
            out->ids.pid_bits = 15;
        }
    }
    if (x & 0x40) {
        out->ids.has_tl0 = true;
        out->ids.tl0_off = (uint8_t)(r.p - payload.p);
        out->ids.tl0 = rd_u8(&r);
    }
    if (x & 0x30) {
        uint8_t t = rd_u8(&r);
        out->tid = x & 0x20 ? t >> 6 : 0;
        out->sync = x & 0x20 && t & 0x20;
    }
    if (r.bad || !rd_left(&r)) {
        memset(out, 0, sizeof *out);
        return -ERR_SHORT;
    }
    out->head_bytes = out->ids.bytes = (uint8_t)(r.p - payload.p);
    out->start = b0 & 0x10 && !(b0 & 7);
    /* RFC 7741 4.3: "P: Inverse key frame flag. When set to 0, the current frame is a key frame." */
    if (!out->start || r.p[0] & 1)
        return 0;
    int err = keyframe_size(out, r);
    if (err)
        memset(out, 0, sizeof *out);
    return err;
}

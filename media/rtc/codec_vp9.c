#include "media/rtc/codec_vp9.h"
#include "media/base/err.h"
#include "media/base/rd.h"

enum { I = 0x80, P = 0x40, L = 0x20, F = 0x10, B = 0x08, E = 0x04, V = 0x02, Z = 0x01 };

/*      +-+-+-+-+-+-+-+-+
 * I:   |M| PICTURE ID  |   M: | EXTENDED PID  | (15 bits) */
static void picture_id(struct codec_vp9 *out, struct rd *r, const uint8_t *start) {
    out->ids.pid_off = (uint8_t)(r->p - start);
    out->ids.pid = rd_u8(r);
    out->ids.pid_bits = 7;
    if (out->ids.pid & 0x80) {
        out->ids.pid = (uint16_t)((out->ids.pid & 0x7f) << 8 | rd_u8(r));
        out->ids.pid_bits = 15;
    }
}

/* L:   | TID |U| SID |D|
 *      |   TL0PICIDX   |  (only when F is 0) */
static void layer_indices(struct codec_vp9 *out, struct rd *r, const uint8_t *start) {
    uint8_t b = rd_u8(r);
    out->has_layer = true;
    out->tid = b >> 5;
    out->up = b & 0x10;
    out->sid = b >> 1 & 7;
    out->upon = b & 1;
    if (out->flexible)
        return;
    out->ids.has_tl0 = true;
    out->ids.tl0_off = (uint8_t)(r->p - start);
    out->ids.tl0 = rd_u8(r);
}

/* P,F: | P_DIFF      |N|  up to three times */
static bool reference_indices(struct codec_vp9 *out, struct rd *r) {
    uint8_t b;
    do {
        if (out->refs == CODEC_VP9_REFS_MAX)
            return false;
        b = rd_u8(r);
        out->ref[out->refs++] = b >> 1;
    } while (b & 1 && !r->bad);
    return true;
}

/* V:   | N_S |Y|G|-|-|-|
 * Y:   |     WIDTH     | 16 bits, | HEIGHT | 16 bits, N_S + 1 times
 * G:   |      N_G      |
 *      | TID |U| R |-|-|, | P_DIFF | R times: N_G times */
static void structure(struct codec_vp9 *out, struct rd *r) {
    uint8_t b = rd_u8(r);
    out->sids = (uint8_t)((b >> 5) + 1);
    for (unsigned i = 0; i < out->sids && b & 0x10; i++) {
        out->width[i] = rd_u16(r);
        out->height[i] = rd_u16(r);
    }
    out->group = b & 0x08 ? rd_u8(r) : 0;
    for (unsigned i = 0; i < out->group && !r->bad; i++)
        rd_skip(r, rd_u8(r) >> 2 & 3);
}

/*      0 1 2 3 4 5 6 7
 *     |I|P|L|F|B|E|V|Z| (REQUIRED) */
int codec_vp9_parse(struct codec_vp9 *out, struct bytes payload) {
    memset(out, 0, sizeof *out);
    struct rd r = rd_init(payload.p, payload.n);
    uint8_t b = rd_u8(&r);
    bool good = true;
    out->inter = b & P;
    out->flexible = b & F;
    out->begin = b & B;
    out->end = b & E;
    out->leaf = b & Z;
    out->ids.relative = true;
    if (b & I)
        picture_id(out, &r, payload.p);
    if (b & L)
        layer_indices(out, &r, payload.p);
    out->ids.bytes = (uint8_t)(r.p - payload.p);
    if (out->inter && out->flexible)
        good = reference_indices(out, &r);
    if (good && b & V)
        structure(out, &r);
    out->head_bytes = (uint16_t)(r.p - payload.p);
    int err = !good ? -ERR_INVALID : r.bad || !rd_left(&r) ? -ERR_SHORT : 0;
    if (err)
        memset(out, 0, sizeof *out);
    return err;
}

void codec_vp9_layer(const struct codec_vp9 *v, struct codec_layer *out) {
    *out = (struct codec_layer){.start = v->begin, .end = v->end, .sid = v->sid, .tid = v->tid};
    if (v->tid >= CODEC_TIDS)
        return; /* of more layers in time than anybody sends: nobody needs it */
    for (unsigned sid = v->sid; sid < CODEC_SIDS; sid++) {
        if (sid == v->sid || !v->leaf)
            out->in |= codec_steps_from(sid, v->tid);
    }
    /* U: "subsequent pictures with temporal-layer ID values higher than T will not depend on any picture
     * before the current picture ... with a temporal-layer ID value higher than T". */
    if (v->up && v->sid < CODEC_SIDS)
        out->sw = codec_steps_from(v->sid, v->tid);
    if (!codec_vp9_key(v))
        return;
    out->sids = v->sids < CODEC_SIDS ? v->sids : CODEC_SIDS;
    memcpy(out->height, v->height, sizeof out->height);
}

#include "media/base/av1.h"
#include "media/base/err.h"

uint32_t av1_leb128(struct rd *r) {
    uint64_t v = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint8_t b = rd_u8(r);
        v |= (uint64_t)(b & 0x7f) << 7 * i;
        if (!(b & 0x80)) {
            r->bad = r->bad || v > UINT32_MAX;
            return r->bad ? 0 : (uint32_t)v;
        }
    }
    r->bad = true;
    return 0;
}

/*  0 1 2 3 4 5 6 7
 * |Z|Y| W |N|-|-|-|
 * W: "two bit field that describes the number of OBU elements in the packet. This field MUST be set equal to
 * 0 or equal to the number of OBU elements ... If set to 0, each OBU element MUST be preceded by a length
 * field", else the last one has none. */
int av1_payload_parse(struct av1_payload *out, struct bytes payload) {
    struct rd r = rd_init(payload.p, payload.n);
    uint8_t head = rd_u8(&r);
    unsigned w = head >> 4 & 3;
    out->goes_on = head & 0x80;
    out->unended = head & 0x40;
    out->sequence = head & 0x08;
    out->n = 0;
    if (r.bad || !rd_left(&r))
        return -ERR_SHORT;
    while (rd_left(&r) && !(w && out->n == w)) {
        if (out->n == AV1_ELEMENTS_MAX)
            return -ERR_TOO_LARGE;
        bool last = w && out->n + 1 == w;
        uint32_t n = last ? (uint32_t)rd_left(&r) : av1_leb128(&r);
        if (r.bad)
            return -ERR_INVALID;
        out->element[out->n++] = rd_bytes(&r, n);
        if (r.bad)
            return -ERR_SHORT;
    }
    return out->n < w ? -ERR_SHORT : 0;
}

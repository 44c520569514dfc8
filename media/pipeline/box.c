#include "media/pipeline/box.h"
#include "media/base/err.h"

enum { PART_BYTES_MAX = 64 << 20, SAMPLES_MAX = 1 << 16 };
enum {
    TRUN_OFFSET = 0x1,
    TRUN_FIRST_FLAGS = 0x4,
    TRUN_DUR = 0x100,
    TRUN_SIZE = 0x200,
    TRUN_FLAGS = 0x400,
    TRUN_CTS = 0x800
};
enum { NON_SYNC_BIT = 0x10000 };

struct box {
    char type[5];
    struct rd body;
    size_t size;
};
/* False at the end, or where a box does not fit (`r->bad` tells). */
static bool box_next(struct rd *r, struct box *out) {
    if (!rd_left(r))
        return false;
    uint32_t size = rd_u32(r);
    memcpy(out->type, rd_take(r, 4), 4);
    out->type[4] = 0;
    out->size = size;
    if (r->bad || size < 8) {
        r->bad = true;
        return false;
    }
    out->body = rd_sub(r, size - 8);
    return !r->bad;
}
static bool is(const struct box *b, const char *type) { return !memcmp(b->type, type, 4); }
static bool box_find(struct rd r, const char *type, struct rd *out) {
    struct box b;
    while (box_next(&r, &b))
        if (is(&b, type)) {
            *out = b.body;
            return true;
        }
    return false;
}

static void read_hdlr(struct fmp4_track *t, struct rd r) {
    rd_skip(&r, 8);
    const uint8_t *kind = rd_take(&r, 4);
    t->kind = !memcmp(kind, "soun", 4) ? FMP4_AUDIO : !memcmp(kind, "vide", 4) ? FMP4_VIDEO : 0;
    rd_skip(&r, 12);
    struct bytes rest = rd_rest(&r);
    size_t n = 0;
    while (n < rest.n && rest.p[n])
        n++;
    t->name = (struct str){(const char *)rest.p, n};
}
static int read_esds(struct fmp4_track *t, struct rd r) {
    rd_skip(&r, 4);
    static const uint8_t head[3] = {3, 4, 5};
    static const uint8_t skip[3] = {3, 13, 0};
    for (size_t i = 0; i < countof(head); i++) {
        uint8_t tag = rd_u8(&r), n = rd_u8(&r);
        if (tag != head[i] || n > 0x7f)
            return -ERR_INVALID;
        if (i == 2)
            t->config = rd_bytes(&r, n);
        else
            rd_skip(&r, skip[i]);
    }
    return r.bad ? -ERR_SHORT : 0;
}
static int read_entry(struct fmp4_track *t, struct rd stsd) {
    struct box b;
    struct rd conf;
    rd_skip(&stsd, 8);
    if (!box_next(&stsd, &b))
        return -ERR_SHORT;
    if (is(&b, "avc1")) {
        rd_skip(&b.body, 24);
        t->width = rd_u16(&b.body);
        t->height = rd_u16(&b.body);
        rd_skip(&b.body, 50);
        if (b.body.bad || !box_find(b.body, "avcC", &conf))
            return -ERR_SHORT;
        t->config = rd_rest(&conf);
        return 0;
    }
    if (!is(&b, "mp4a"))
        return -ERR_UNSUPPORTED;
    rd_skip(&b.body, 28);
    if (b.body.bad || !box_find(b.body, "esds", &conf))
        return -ERR_SHORT;
    return read_esds(t, conf);
}
int box_init(struct fmp4_track *out, struct bytes file) {
    struct rd moov, trak, mdia, r;
    *out = (struct fmp4_track){0};
    if (!box_find(rd_init(file.p, file.n), "moov", &moov) || !box_find(moov, "trak", &trak) ||
        !box_find(trak, "mdia", &mdia) || !box_find(mdia, "mdhd", &r))
        return -ERR_SHORT;
    bool wide = rd_u8(&r) == 1;
    rd_skip(&r, wide ? 19 : 11);
    out->timescale = rd_u32(&r);
    if (r.bad || !out->timescale)
        return -ERR_INVALID;
    if (!box_find(mdia, "hdlr", &r))
        return -ERR_SHORT;
    read_hdlr(out, r);
    if (!box_find(mdia, "minf", &r) || !box_find(r, "stbl", &r) || !box_find(r, "stsd", &r))
        return -ERR_SHORT;
    int err = read_entry(out, r);
    if (err)
        return err;
    bool audio = out->timescale && out->config.n && !out->width;
    return (out->kind == FMP4_AUDIO) == audio && out->kind ? 0 : -ERR_INVALID;
}

static size_t sample_bytes(uint32_t flags) {
    return 4 * (size_t)(!!(flags & TRUN_DUR) + !!(flags & TRUN_SIZE) + !!(flags & TRUN_FLAGS) +
                        !!(flags & TRUN_CTS));
}
static int read_moof(struct box_part *p, struct rd moof, const uint8_t *file) {
    struct rd traf, r;
    if (!box_find(moof, "traf", &traf) || !box_find(traf, "tfdt", &r))
        return -ERR_INVALID;
    bool wide = rd_u8(&r) == 1;
    rd_skip(&r, 3);
    p->tfdt = wide ? rd_u64(&r) : rd_u32(&r);
    if (r.bad || !box_find(traf, "trun", &r))
        return -ERR_INVALID;
    p->flags = rd_u32(&r) & 0xffffff;
    p->n = rd_u32(&r);
    if (!(p->flags & TRUN_OFFSET) || !(p->flags & TRUN_DUR) || !(p->flags & TRUN_SIZE))
        return -ERR_INVALID;
    p->data = p->at + rd_u32(&r);
    if (p->flags & TRUN_FIRST_FLAGS)
        rd_skip(&r, 4);
    size_t each = sample_bytes(p->flags);
    if (r.bad || !p->n || p->n > SAMPLES_MAX || rd_left(&r) != p->n * each)
        return -ERR_INVALID;
    p->last_dur = (size_t)(r.p - file) + (p->n - 1) * each;
    p->samples = r;
    return 0;
}
bool box_sample(struct box_part *p, struct fmp4_sample *out) {
    if (!rd_left(&p->samples))
        return false;
    out->dur = rd_u32(&p->samples);
    out->size = rd_u32(&p->samples);
    out->sync = !(p->flags & TRUN_FLAGS) || !(rd_u32(&p->samples) & NON_SYNC_BIT);
    if (p->flags & TRUN_CTS)
        rd_skip(&p->samples, 4);
    return !p->samples.bad;
}
static int check_sizes(struct box_part *p) {
    struct rd keep = p->samples;
    struct fmp4_sample s;
    uint64_t bytes = 0;
    p->dur = 0;
    while (box_sample(p, &s)) {
        bytes += s.size;
        p->dur += s.dur;
    }
    p->samples = keep;
    return p->data >= p->at && p->data <= p->end && bytes == p->end - p->data ? 0 : -ERR_INVALID;
}
int box_part(struct box_part *out, struct bytes file, size_t *off) {
    if (*off > file.n)
        return -ERR_INVALID;
    struct rd r = rd_init(file.p + *off, file.n - *off);
    struct box b;
    *out = (struct box_part){0};
    while (box_next(&r, &b)) {
        out->at = (size_t)(r.p - file.p) - b.size;
        if (is(&b, "styp") || is(&b, "free"))
            continue;
        if (!is(&b, "moof") || b.size > PART_BYTES_MAX)
            return -ERR_INVALID;
        int err = read_moof(out, b.body, file.p);
        if (err)
            return err;
        if (!box_next(&r, &b))
            return -ERR_SHORT;
        out->end = (size_t)(r.p - file.p);
        if (!is(&b, "mdat") || (err = check_sizes(out)) != 0)
            return -ERR_INVALID;
        *off = out->end;
        return 0;
    }
    return r.bad ? -ERR_SHORT : -ERR_MISSING;
}

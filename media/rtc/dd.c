#include "media/rtc/dd.h"
#include "media/base/err.h"

/* f(n) and ns(n) of appendix A.4.1: a bit at a time, sticky at the end. */
struct bits {
    const uint8_t *p;
    size_t at, end; /* in bits */
    bool bad;
};

static uint32_t f(struct bits *b, unsigned n) {
    uint32_t v = 0;
    if (b->bad || b->end - b->at < n) {
        b->bad = true;
        return 0;
    }
    for (; n; n--, b->at++)
        v = v << 1 | (b->p[b->at / 8] >> (7 - b->at % 8) & 1);
    return v;
}

static uint32_t ns(struct bits *b, uint32_t n) {
    unsigned w = 0;
    for (uint32_t x = n; x; x >>= 1)
        w++;
    uint32_t m = (1u << w) - n, v = f(b, w - 1);
    return v < m ? v : (v << 1) - m + f(b, 1);
}

/* ---- the structure a key frame brings ---- */

static bool template_layers(struct bits *b, struct dd_structure *s) {
    enum { SAME, NEXT_TID, NEXT_SID, NO_MORE };
    unsigned sid = 0, tid = 0, idc;
    do {
        if (s->n == DD_TEMPLATES_MAX || sid >= DD_SIDS_MAX || tid >= DD_TIDS_MAX)
            return false;
        s->t[s->n++] = (struct dd_template){.sid = (uint8_t)sid, .tid = (uint8_t)tid};
        s->sids = (uint8_t)(sid + 1);
        idc = f(b, 2);
        tid = idc == NEXT_SID ? 0 : tid + (idc == NEXT_TID);
        sid += idc == NEXT_SID;
    } while (idc != NO_MORE && !b->bad);
    return !b->bad;
}

/* Table A.1: 0 not present, 1 discardable, 2 switch, 3 required. */
static void dtis(struct bits *b, unsigned targets, uint32_t *in, uint32_t *sw) {
    enum { SWITCH = 2 };
    *in = *sw = 0;
    for (unsigned i = 0; i < targets; i++) {
        uint32_t dti = f(b, 2);
        *in |= (uint32_t)(dti != 0) << i;
        *sw |= (uint32_t)(dti == SWITCH) << i;
    }
}

static void template_fdiffs(struct bits *b, const struct dd_structure *s) {
    for (unsigned i = 0; i < s->n && !b->bad; i++) {
        while (f(b, 1))
            f(b, 4);
    }
}

static void template_chains(struct bits *b, struct dd_structure *s) {
    s->chains = (uint8_t)ns(b, s->targets + 1u);
    for (unsigned i = 0; i < s->targets && s->chains; i++)
        ns(b, s->chains);
    for (unsigned i = 0; i < (unsigned)s->n * s->chains && !b->bad; i++)
        f(b, 4);
}

static uint16_t side(uint32_t minus_one) {
    return minus_one < UINT16_MAX ? (uint16_t)(minus_one + 1) : UINT16_MAX;
}

/* Which decode target is the best one within each quality. A target's layers are the highest of the frames
 * present for it. */
static void find_targets(struct dd_structure *s) {
    unsigned sid[DD_TARGETS_MAX] = {0}, tid[DD_TARGETS_MAX] = {0};
    for (unsigned k = 0; k < s->n; k++) {
        for (unsigned i = 0; i < s->targets; i++) {
            bool in = s->t[k].in >> i & 1;
            sid[i] = in && s->t[k].sid > sid[i] ? s->t[k].sid : sid[i];
            tid[i] = in && s->t[k].tid > tid[i] ? s->t[k].tid : tid[i];
        }
    }
    for (unsigned q = 0; q < CODEC_SIDS * CODEC_TIDS; q++) {
        int best = -1;
        for (unsigned i = 0; i < s->targets; i++) {
            if (sid[i] > q / CODEC_TIDS || tid[i] > q % CODEC_TIDS)
                continue;
            if (best < 0 || sid[i] * DD_TIDS_MAX + tid[i] > sid[best] * DD_TIDS_MAX + tid[best])
                best = (int)i;
        }
        s->target_of[q] = (int8_t)best;
    }
}

static bool structure(struct bits *b, struct dd_structure *s) {
    memset(s, 0, sizeof *s);
    s->offset = (uint8_t)f(b, 6);
    s->targets = (uint8_t)(f(b, 5) + 1);
    if (!template_layers(b, s))
        return false;
    for (unsigned i = 0; i < s->n; i++)
        dtis(b, s->targets, &s->t[i].in, &s->t[i].sw);
    template_fdiffs(b, s);
    template_chains(b, s);
    s->sized = f(b, 1);
    for (unsigned i = 0; s->sized && i < s->sids; i++) {
        s->width[i] = side(f(b, 16));
        s->height[i] = side(f(b, 16));
    }
    find_targets(s);
    return !b->bad;
}

/* ---- a frame's own ---- */

static uint8_t frame_fdiffs(struct bits *b) {
    unsigned n = 0, size;
    while ((size = f(b, 2)) != 0 && n < UINT8_MAX) {
        f(b, 4 * size);
        n++;
    }
    return (uint8_t)n;
}

static int definition(struct bits *b, struct dd *out, const struct dd_structure *s, unsigned id,
                      uint32_t custom) {
    enum { DTIS = 4, FDIFFS = 2, CHAINS = 1 };
    unsigned k = (id + 64 - s->offset) % 64;
    if (k >= s->n)
        return -ERR_INVALID;
    out->sid = s->t[k].sid;
    out->tid = s->t[k].tid;
    out->in = s->t[k].in;
    out->sw = s->t[k].sw;
    if (custom & DTIS)
        dtis(b, s->targets, &out->in, &out->sw);
    if (custom & FDIFFS)
        out->fdiffs = frame_fdiffs(b);
    for (unsigned i = 0; custom & CHAINS && i < s->chains; i++)
        f(b, 8);
    return b->bad ? -ERR_SHORT : 0;
}

int dd_parse(struct dd *out, struct dd_structure *s, struct bytes ext) {
    struct bits b = {.p = ext.p, .end = ext.n * 8};
    struct dd_structure fresh;
    uint32_t custom = 0;
    bool active = false;
    *out = (struct dd){0};
    out->start = f(&b, 1);
    out->end = f(&b, 1);
    unsigned id = f(&b, 6);
    out->frame = (uint16_t)f(&b, 16);
    if (ext.n > DD_HEAD) {
        out->attached = f(&b, 1);
        active = f(&b, 1);
        custom = f(&b, 3);
    }
    if (b.bad)
        return -ERR_SHORT;
    if (out->attached && !structure(&b, &fresh))
        return b.bad ? -ERR_SHORT : -ERR_INVALID;
    const struct dd_structure *use = out->attached ? &fresh : s;
    if (!use->n)
        return -ERR_MISSING;
    out->active = use->targets < 32 ? (1u << use->targets) - 1 : UINT32_MAX;
    out->has_active = active;
    if (active)
        out->active = f(&b, use->targets);
    int err = definition(&b, out, use, id, custom);
    if (!err && out->attached)
        *s = fresh;
    return err;
}

bool dd_frame(struct bytes ext, uint16_t *frame) {
    if (ext.n < DD_HEAD)
        return false;
    *frame = (uint16_t)(ext.p[1] << 8 | ext.p[2]);
    return true;
}

static uint16_t qualities(const struct dd_structure *s, uint32_t targets) {
    uint16_t out = 0;
    for (unsigned q = 0; q < CODEC_SIDS * CODEC_TIDS; q++) {
        if (s->target_of[q] >= 0 && targets >> s->target_of[q] & 1)
            out = (uint16_t)(out | 1u << q);
    }
    return out;
}

/* Spatial layers some target of which is sent. */
static uint8_t sids_of(const struct dd_structure *s, uint32_t active) {
    unsigned sids = 0;
    for (unsigned i = 0; i < s->n; i++) {
        if (s->t[i].in & active && s->t[i].sid >= sids)
            sids = s->t[i].sid + 1u;
    }
    return (uint8_t)(sids < CODEC_SIDS ? sids : CODEC_SIDS);
}

void dd_layer(const struct dd *d, const struct dd_structure *s, struct codec_layer *out) {
    *out = (struct codec_layer){.start = d->start,
                                .end = d->end,
                                .sid = d->sid,
                                .tid = d->tid,
                                .in = qualities(s, d->in),
                                .sw = qualities(s, d->sw)};
    if (!d->attached)
        return;
    out->sids = sids_of(s, d->active);
    memcpy(out->height, s->height, sizeof out->height);
}

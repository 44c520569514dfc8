/* codec_vp9, av1, dd: descriptors of streams that hold several qualities, made by hand after the
 * specifications, and how each cut of them is refused. */
#include "media/base/err.h"
#include "media/rtc/codec.h"
#include "media/base/av1.h"
#include "media/rtc/codec_vp9.h"
#include "media/rtc/dd.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define BYTES(...) ((struct bytes){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})

/* ---- VP9 ---- */

/* I, L, B, V; picture 0x1234; tid 0, U, sid 0; TL0PICIDX 7; three layers of 320x180, 640x360, 1280x720 and a
 * group of two pictures; then one byte of frame. */
#define KEY_HEAD 0x80 | 0x20 | 0x08 | 0x02, 0x92, 0x34, 0x10, 7
#define SIZES 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68, 0x05, 0x00, 0x02, 0xd0
static const uint8_t vp9_key[] = {KEY_HEAD, 0x40 | 0x10 | 0x08, SIZES, 2, 0x00, 0x24, 2, 0x51};

static void vp9_key_picture(void **state) {
    (void)state;
    struct codec_vp9 v;
    assert_int_equal(codec_vp9_parse(&v, (struct bytes){vp9_key, sizeof vp9_key}), 0);
    assert_true(v.begin && !v.end && !v.inter && !v.flexible && !v.leaf && v.up && !v.upon && v.has_layer);
    assert_true(v.ids.pid == 0x1234 && v.ids.pid_bits == 15 && v.ids.pid_off == 1 && v.ids.tl0 == 7);
    assert_true(v.sids == 3 && v.group == 2 && v.width[1] == 640 && v.height[2] == 720);
    assert_int_equal(v.head_bytes, sizeof vp9_key - 1);
    assert_true(codec_vp9_key(&v));
    for (size_t n = 0; n < sizeof vp9_key; n++) {
        assert_int_equal(codec_vp9_parse(&v, (struct bytes){vp9_key, n}), -ERR_SHORT);
        assert_false(v.begin || v.sids);
    }
    struct codec_info i;
    assert_int_equal(codec_look(CODEC_VP9, (struct bytes){vp9_key, sizeof vp9_key}, &i), 0);
    assert_true(i.keyframe && i.width == 1280 && i.height == 720 && i.layer.sids == 3);
    assert_int_equal(i.layer.in, 0xfff); /* everybody needs it */
    assert_int_equal(i.layer.height[1], 360);
}

static void vp9_descriptors(void **state) {
    (void)state;
    static const struct {
        const char *what;
        uint8_t b[12];
        size_t n;
        int err;
        uint8_t head, sid, tid, refs;
        bool key;
        uint16_t in, sw;
    } rows[] = {
        {"nothing but B", {0x08, 0x51}, 2, 0, 1, 0, 0, 0, true, 0xfff, 0},
        {"7 bits, middle", {0x80, 0x45, 0x51}, 3, 0, 2, 0, 0, 0, false, 0xfff, 0},
        {"key, upper layer", {0xa8, 0x45, 0x03, 9, 1}, 5, 0, 4, 1, 0, 0, false, 0xff0, 0},
        {"leaf of the lowest, T1", {0xe9, 0x45, 0x30, 9, 1}, 5, 0, 4, 0, 1, 0, false, 0x00e, 0x00e},
        {"top, T2", {0xed, 0x45, 0x44, 9, 1}, 5, 0, 4, 2, 2, 0, false, 0xc00, 0},
        {"flexible", {0xf8, 0x45, 0x02, 0x03, 0x02, 1}, 6, 0, 5, 1, 0, 2, false, 0xff0, 0},
        {"three references", {0xd8, 0x45, 3, 5, 2, 1}, 6, 0, 5, 0, 0, 3, false, 0xfff, 0},
        {"four references", {0xd8, 0x45, 3, 5, 3, 2, 1}, 7, -ERR_INVALID, 0, 0, 0, 0, false, 0, 0},
        {"references cut", {0xd8, 0x45, 3}, 3, -ERR_SHORT, 0, 0, 0, 0, false, 0, 0},
        {"fourth spatial layer", {0xa8, 0x45, 0x07, 9, 1}, 5, 0, 4, 3, 0, 0, false, 0, 0},
        {"eighth temporal layer", {0xa8, 0x45, 0xe0, 9, 1}, 5, 0, 4, 0, 7, 0, true, 0, 0},
        {"no frame", {0x80, 0x45}, 2, -ERR_SHORT, 0, 0, 0, 0, false, 0, 0},
        {"empty", {0}, 0, -ERR_SHORT, 0, 0, 0, 0, false, 0, 0},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct codec_vp9 v;
        struct codec_layer at;
        int err = codec_vp9_parse(&v, (struct bytes){rows[i].b, rows[i].n});
        codec_vp9_layer(&v, &at);
        if (err != rows[i].err || v.head_bytes != rows[i].head || v.sid != rows[i].sid ||
            v.tid != rows[i].tid || v.refs != rows[i].refs || codec_vp9_key(&v) != rows[i].key)
            fail_msg("%s: err %d head %u refs %u", rows[i].what, err, v.head_bytes, v.refs);
        if (!err && (at.in != rows[i].in || at.sw != rows[i].sw))
            fail_msg("%s: in %x sw %x", rows[i].what, at.in, at.sw);
    }
}

static void vp9_patch_keeps_the_rest(void **state) {
    (void)state;
    struct codec_vp9 v, again;
    uint8_t copy[sizeof vp9_key];
    memcpy(copy, vp9_key, sizeof copy);
    assert_int_equal(codec_vp9_parse(&v, (struct bytes){copy, sizeof copy}), 0);
    assert_int_equal(codec_ids_patch(copy, sizeof copy, &v.ids, 0x7ffe, 0xab), 0);
    assert_int_equal(codec_vp9_parse(&again, (struct bytes){copy, sizeof copy}), 0);
    assert_true(again.ids.pid == 0x7ffe && again.ids.tl0 == 0xab && again.sids == 3);
    assert_int_equal(codec_ids_patch(copy, sizeof copy, &v.ids, v.ids.pid, v.ids.tl0), 0);
    assert_memory_equal(copy, vp9_key, sizeof copy);
    assert_int_equal(codec_ids_patch(copy, v.ids.bytes - 1u, &v.ids, 1, 1), -ERR_SHORT);
}

/* ---- AV1 ---- */

static void av1_elements(void **state) {
    (void)state;
    struct av1_payload a;
    assert_int_equal(av1_payload_parse(&a, BYTES(0x28, 2, 0x0a, 0x01, 0x30, 0x02)), 0); /* W 2, N */
    assert_true(a.n == 2 && a.sequence && !a.goes_on && !a.unended);
    assert_true(a.element[0].n == 2 && a.element[1].n == 2 && a.element[1].p[0] == 0x30);
    assert_int_equal(av1_payload_parse(&a, BYTES(0xc0, 1, 0x30, 2, 0x31, 0x32)),
                     0); /* W 0: all have lengths */
    assert_true(a.n == 2 && a.goes_on && a.unended && a.element[1].n == 2);
    assert_int_equal(av1_payload_parse(&a, BYTES(0x10, 0x30)), 0);
    assert_int_equal(av1_payload_parse(&a, BYTES(0x10)), -ERR_SHORT);
    assert_int_equal(av1_payload_parse(&a, BYTES(0x00, 3, 0x30)), -ERR_SHORT);
    assert_int_equal(av1_payload_parse(&a, BYTES(0x20, 1, 0x30)), -ERR_SHORT); /* one of two */
    assert_int_equal(av1_payload_parse(&a, BYTES(0x00, 0x80)), -ERR_INVALID);
    assert_int_equal(av1_payload_parse(&a, BYTES(0, 255, 255, 255, 255, 127, 1)), -ERR_INVALID);
    uint8_t many[AV1_ELEMENTS_MAX + 2] = {0};
    assert_int_equal(av1_payload_parse(&a, (struct bytes){many, sizeof many - 1}), 0);
    assert_int_equal(av1_payload_parse(&a, (struct bytes){many, sizeof many}), -ERR_TOO_LARGE);
    assert_true(av1_key(BYTES(0x18, 0x0a)) && !av1_key(BYTES(0x10, 0x0a)) && !av1_key(BYTES(0x98, 0x0a)) &&
                !av1_key(BYTES(0x18)));
}

/* ---- the dependency descriptor ---- */

struct bits {
    uint8_t b[256];
    size_t n; /* bits */
};
static void put(struct bits *w, unsigned n, uint32_t v) {
    while (n--) {
        w->b[w->n / 8] |= (uint8_t)((v >> n & 1) << (7 - w->n % 8));
        w->n++;
    }
}
static struct bytes view(const struct bits *w) { return (struct bytes){w->b, (w->n + 7) / 8}; }
static void head(struct bits *w, bool start, bool end, unsigned id, unsigned frame) {
    *w = (struct bits){0};
    put(w, 1, start);
    put(w, 1, end);
    put(w, 6, id);
    put(w, 16, frame);
}
static uint32_t dti(char c) { return c == 'D' ? 1 : c == 'S' ? 2 : c == 'R' ? 3 : 0; }

/* As L2T2_KEY: targets in the order S0T0, S0T1, S1T0, S1T1. */
static const struct template {
    unsigned sid, tid;
    const char *dtis;
    unsigned fdiffs[3];
}
key_svc[] = {
    {0, 0, "SSSS", {0}}, {0, 0, "SS--", {4}}, {0, 1, "-D--", {2}},
    {1, 0, "--SS", {1}}, {1, 0, "--SS", {4}}, {1, 1, "---D", {2}},
};
static void structure(struct bits *w, unsigned offset) {
    put(w, 6, offset);
    put(w, 5, 3); /* four targets */
    for (unsigned i = 0; i < countof(key_svc); i++) {
        const struct template *next = i + 1 < countof(key_svc) ? &key_svc[i + 1] : NULL;
        put(w, 2, !next ? 3 : next->sid > key_svc[i].sid ? 2 : next->tid > key_svc[i].tid);
    }
    for (unsigned i = 0; i < countof(key_svc); i++) {
        for (const char *c = key_svc[i].dtis; *c; c++)
            put(w, 2, dti(*c));
    }
    for (unsigned i = 0; i < countof(key_svc); i++) {
        for (const unsigned *d = key_svc[i].fdiffs; *d; d++)
            put(w, 5, 16 | (*d - 1));
        put(w, 1, 0);
    }
    /* ns(5): 2 chains is "10"; each target's chain ns(2): one bit; then four bits a template and chain. */
    put(w, 2, 2);
    put(w, 4, 3);
    for (unsigned i = 0; i < countof(key_svc) * 2; i++)
        put(w, 4, 1);
    put(w, 1, 1);
    put(w, 16, 639);
    put(w, 16, 359);
    put(w, 16, 1279);
    put(w, 16, 719);
}
static void key_descriptor(struct bits *w, unsigned offset) {
    head(w, true, false, offset, 0xfffe);
    put(w, 5, 0x10);
    structure(w, offset);
}

static void dd_structures(void **state) {
    (void)state;
    struct bits w;
    struct dd d;
    static struct dd_structure s;
    head(&w, true, true, 10, 1);
    assert_int_equal(dd_parse(&d, &s, view(&w)), -ERR_MISSING);
    key_descriptor(&w, 10);
    for (size_t n = 0; n < view(&w).n; n++) {
        assert_true(dd_parse(&d, &s, (struct bytes){w.b, n}) < 0);
        assert_int_equal(s.n, 0); /* half a structure is none */
    }
    assert_int_equal(dd_parse(&d, &s, view(&w)), 0);
    assert_true(d.attached && d.start && !d.end && d.frame == 0xfffe && d.in == 15 && d.sw == 15);
    assert_true(s.n == 6 && s.targets == 4 && s.sids == 2 && s.chains == 2 && s.height[1] == 720);
    struct codec_layer at;
    dd_layer(&d, &s, &at);
    assert_true(at.sids == 2 && at.height[0] == 360 && at.height[1] == 720 && at.in == 0xfff);
    uint16_t frame;
    assert_true(dd_frame(view(&w), &frame) && frame == 0xfffe && !dd_frame(BYTES(1, 2), &frame));
    static const uint16_t in[] = {0, 0x00f, 0x00e, 0xff0, 0xff0, 0xee0};
    for (unsigned i = 1; i < 6; i++) {
        head(&w, true, true, 10 + i, i);
        assert_int_equal(dd_parse(&d, &s, view(&w)), 0);
        dd_layer(&d, &s, &at);
        assert_true(at.in == in[i] && at.sid == key_svc[i].sid && at.tid == key_svc[i].tid && at.end);
        assert_int_equal(at.sw, key_svc[i].tid ? 0 : in[i]);
    }
    head(&w, true, true, 16, 1);
    assert_int_equal(dd_parse(&d, &s, view(&w)), -ERR_INVALID); /* of a structure that was lost */
    head(&w, true, true, 9, 1);
    assert_int_equal(dd_parse(&d, &s, view(&w)), -ERR_INVALID);
}

static void dd_custom_fields(void **state) {
    (void)state;
    struct bits w;
    struct dd d;
    static struct dd_structure s;
    key_descriptor(&w, 60); /* its ids wrap: 60..63, 0, 1 */
    assert_int_equal(dd_parse(&d, &s, view(&w)), 0);
    head(&w, false, true, 1, 7);
    put(&w, 5, 0xf); /* an active mask, own dtis, references and chains */
    put(&w, 4, 3);
    put(&w, 8, 0x1a); /* - D S S */
    put(&w, 2, 1);
    put(&w, 4, 3);
    put(&w, 2, 3);
    put(&w, 12, 99);
    put(&w, 2, 0);
    put(&w, 16, 0x0102);
    assert_int_equal(dd_parse(&d, &s, view(&w)), 0);
    assert_true(d.sid == 1 && d.tid == 1 && d.active == 3 && d.has_active && d.fdiffs == 2);
    assert_true(d.in == 0xe && d.sw == 0xc && !d.start && d.end && !d.attached);
    for (size_t n = 4; n < view(&w).n; n++)
        assert_int_equal(dd_parse(&d, &s, (struct bytes){w.b, n}), -ERR_SHORT);
    /* Only the lower layer's targets are sent from here on. */
    struct codec_layer at;
    head(&w, true, false, 60, 8);
    put(&w, 5, 0x18);
    structure(&w, 60);
    put(&w, 4, 3);
    assert_int_equal(dd_parse(&d, &s, view(&w)), 0);
    dd_layer(&d, &s, &at);
    assert_int_equal(at.sids, 1);
}

static void dd_too_much(void **state) {
    (void)state;
    struct bits w;
    struct dd d;
    static struct dd_structure s;
    head(&w, true, true, 0, 1); /* more templates than there are ids */
    put(&w, 5, 0x10);
    put(&w, 11, 0);
    for (unsigned i = 0; i < DD_TEMPLATES_MAX; i++)
        put(&w, 2, 0);
    assert_int_equal(dd_parse(&d, &s, (struct bytes){w.b, 200}), -ERR_INVALID);
    head(&w, true, true, 0, 1); /* a fifth spatial layer */
    put(&w, 5, 0x10);
    put(&w, 11, 0);
    for (unsigned i = 0; i < 5; i++)
        put(&w, 2, 2);
    assert_int_equal(dd_parse(&d, &s, (struct bytes){w.b, 200}), -ERR_INVALID);
    assert_int_equal(s.n, 0);
}

/* ---- what Chromium sends (L3T3_KEY; of AV1 on a busy machine only two of the layers; heads of the packets,
 * from a key picture on) ---- */

enum { PICTURES = 1 << 15, REAL_MAX = 600 };
struct real {
    unsigned seq, ts;
    bool marker;
    uint8_t head[64], dd[128];
    size_t head_n, dd_n;
};
static struct real real[REAL_MAX];

static size_t unhex(const char *hex, uint8_t *out) {
    size_t n = 0;
    for (unsigned v; sscanf(hex, "%2x", &v) == 1 && hex[0] > ' '; hex += 2)
        out[n++] = (uint8_t)v;
    return n;
}
static unsigned load(const char *path) {
    char line[512], head[160], dd[280];
    unsigned n = 0, marker;
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("cannot open %s", path);
    while (n < REAL_MAX && fgets(line, sizeof line, f)) {
        struct real *r = &real[n];
        dd[0] = 0;
        int got = sscanf(line, "%u %u %u %128s %255s", &r->seq, &marker, &r->ts, head, dd);
        assert_true(got >= 4);
        r->marker = marker;
        r->head_n = unhex(head, r->head);
        r->dd_n = unhex(dd, r->dd);
        n++;
    }
    fclose(f);
    return n;
}

/* Who is shown one quality from the key picture on gets all that its pictures are predicted from, and nothing
 * of higher layers. */
static void real_vp9(void **state) {
    (void)state;
    static bool got[PICTURES][CODEC_SIDS];
    unsigned n = load("tests/unit/vectors/chromium-vp9-l3t3-key.txt"), pictures[12] = {0};
    assert_true(n > 100);
    for (unsigned q = 0; q < 12; q++) {
        memset(got, 0, sizeof got);
        for (unsigned i = 0; i < n; i++) {
            struct codec_vp9 v;
            struct codec_layer at;
            assert_int_equal(codec_vp9_parse(&v, (struct bytes){real[i].head, real[i].head_n}), 0);
            codec_vp9_layer(&v, &at);
            assert_true(codec_vp9_key(&v) == (i == 0) && real[i].marker == (v.sid == 2 && v.end));
            if (!(at.in & 1u << q))
                continue;
            assert_true(v.tid <= q % 4 && (v.inter ? v.sid == q / 4 : v.sid <= q / 4));
            for (unsigned k = 0; k < v.refs; k++)
                assert_true(got[(v.ids.pid - v.ref[k]) & (PICTURES - 1)][v.sid]);
            if (v.upon)
                assert_true(got[v.ids.pid][v.sid - 1]);
            if (v.end)
                got[v.ids.pid][v.sid] = true;
            pictures[q] += v.end && v.sid == q / 4;
        }
        assert_true(pictures[q] >= (q % 4 == 0 ? 8 : q % 4 == 1 ? 16 : 32));
    }
    struct codec_info c;
    assert_int_equal(codec_look(CODEC_VP9, (struct bytes){real[0].head, real[0].head_n}, &c), 0);
    assert_true(c.keyframe && c.layer.sids == 3);
    assert_true(c.layer.height[0] == 180 && c.layer.height[1] == 360 && c.layer.height[2] == 720);
}

/* The same of AV1: frames of each decode target, by the structure its key picture brings. */
static void real_av1(void **state) {
    (void)state;
    unsigned n = load("tests/unit/vectors/chromium-av1-l2t3-key.txt"), frames[12] = {0};
    struct dd_structure s = {0};
    assert_true(n > 40);
    for (unsigned i = 0; i < n; i++) {
        struct dd d;
        struct codec_layer at;
        assert_int_equal(dd_parse(&d, &s, (struct bytes){real[i].dd, real[i].dd_n}), 0);
        dd_layer(&d, &s, &at);
        assert_true(d.attached == (i == 0) &&
                    av1_key((struct bytes){real[i].head, real[i].head_n}) == (i == 0));
        assert_true(real[i].marker == (at.sid == 1 && at.end));
        for (unsigned q = 0; q < 12; q++) {
            if (!(at.in & 1u << q))
                continue;
            assert_true(at.sid <= q / 4 && at.tid <= q % 4);
            frames[q] += at.end && at.sid == (q < 4 ? 0 : 1);
        }
    }
    assert_true(s.sids == 2 && s.targets == 6 && s.chains == 2 && s.sized && s.height[0] == 180 &&
                s.height[1] == 360);
    for (unsigned q = 0; q < 12; q++)
        assert_true(frames[q] >= (q % 4 == 0 ? 5 : q % 4 == 1 ? 10 : 20));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vp9_key_picture),
        cmocka_unit_test(vp9_descriptors),
        cmocka_unit_test(vp9_patch_keeps_the_rest),
        cmocka_unit_test(av1_elements),
        cmocka_unit_test(dd_structures),
        cmocka_unit_test(dd_custom_fields),
        cmocka_unit_test(dd_too_much),
        cmocka_unit_test(real_vp9),
        cmocka_unit_test(real_av1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

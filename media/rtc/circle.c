#include "media/rtc/circle.h"
#include "media/base/mem.h"
#include "media/rtc/router.h"

struct circle *circle_open(unsigned no) {
    struct circle *c = mem_zalloc(sizeof *c);
    c->no = no;
    speaker_init(&c->speaker);
    c->told_us = INT64_MIN / 2;
    return c;
}

static void circle_tell(const struct circle *c, struct router *r, struct track *const *tracks, unsigned n) {
    struct buf b;
    buf_init(&b, 4 * (MEDIA_MEMBER_ID_MAX + 1) + 1);
    for (unsigned i = 0; i < n; i++) {
        bool said = false; /* a member with two sources is named once */
        for (unsigned j = 0; j < i; j++)
            said = said || !strcmp(tracks[j]->member, tracks[i]->member);
        if (!said)
            buf_printf(&b, "%s%s", b.n ? "," : "", tracks[i]->member);
    }
    buf_put(&b, "", 1);
    struct media_event e = {
        .type = MEDIA_EV_SPEAKING, .room = r->id, .circle = c->no, .text = buf_take(&b, NULL)};
    buf_fini(&b);
    r->env->emit(r->env->emit_ctx, &e);
}

unsigned circle_loud(const struct circle *c, const struct router *r, struct track *out[SPEAKER_RANKED]) {
    unsigned k = 0;
    for (unsigned i = 0; i < c->rank_n; i++) {
        struct track *t = router_track(r, c->rank[i]);
        if (!t || !t->on)
            continue;
        out[k++] = t;
        for (unsigned j = k - 1; j && t->id == c->dominant; j--) {
            out[j] = out[j - 1];
            out[j - 1] = t;
        }
    }
    return k;
}

static void circle_speaking(struct circle *c, struct router *r, int64_t now_us) {
    struct track *loud[SPEAKER_RANKED];
    unsigned n = circle_loud(c, r, loud), known = 0, in_place = 0;
    for (unsigned i = 0; i < n; i++) {
        in_place += i < c->told_n && c->told[i] == loud[i]->id;
        for (unsigned j = 0; j < c->told_n; j++)
            known += c->told[j] == loud[i]->id;
    }
    bool same_people = n == c->told_n && known == n;
    bool same_floor = same_people && (!n || c->told[0] == loud[0]->id);
    if (!r->home || (same_people && in_place == n))
        return;
    int64_t due_us = c->told_us + (same_floor ? CIRCLE_REORDER_US : CIRCLE_SPEAK_US);
    if (now_us < due_us) {
        env_arm(r->env, &r->timer, due_us);
        return;
    }
    for (unsigned i = 0; i < n; i++)
        c->told[i] = loud[i]->id;
    c->told_n = n;
    c->told_us = now_us;
    circle_tell(c, r, loud, n);
}

bool circle_rank(struct circle *c, struct router *r, int64_t now_us) {
    bool changed;
    c->rank_n = speaker_rank(&c->speaker, now_us, c->rank, &c->dominant, &changed);
    circle_speaking(c, r, now_us);
    return changed;
}

#include "server/rooms/program.h"

static bool shows(const struct room *r, const char *id, enum media_source source) {
    const struct member *m = room_present(r, id);
    return m && (m->sources & 1U << source);
}

void program_init(struct program *p) { *p = (struct program){0}; }

/* Who it would be if nobody spoke: the one it is, else a host's camera, else the first on stage. */
static const char *quiet_choice(const struct program *p, const struct room *r) {
    const char *first = "";
    if (shows(r, p->who, MEDIA_CAMERA))
        return p->who;
    list_each (&r->stage, m, struct member, stage_link) {
        if (!(m->sources & 1U << MEDIA_CAMERA))
            continue;
        if (m->role >= ROLE_COHOST)
            return m->id;
        if (!first[0])
            first = m->id;
    }
    return first;
}

static const char *choice(const struct program *p, const struct room *r, int64_t now_ms) {
    if (shows(r, r->spotlight, MEDIA_CAMERA))
        return r->spotlight;
    bool has_led = p->leader[0] && now_ms - p->leads_since_ms >= PROGRAM_LEAD_MS;
    bool may_go = !shows(r, p->who, MEDIA_CAMERA) || now_ms - p->since_ms >= PROGRAM_STAY_MS;
    return has_led && may_go ? p->leader : quiet_choice(p, r);
}

bool program_update(struct program *p, const struct room *r, const char *loudest, int64_t now_ms) {
    const char *leader = shows(r, loudest, MEDIA_CAMERA) ? loudest : "";
    if (strcmp(leader, p->leader) != 0) {
        STR_COPY(p->leader, str_of(leader));
        p->leads_since_ms = now_ms;
    }
    char next[ROOM_ID_MAX + 1];
    STR_COPY(next, str_of(choice(p, r, now_ms)));
    if (!strcmp(next, p->who))
        return false;
    STR_COPY(p->who, str_of(next));
    p->since_ms = now_ms;
    return true;
}

int64_t program_next_ms(const struct program *p) {
    if (!p->leader[0] || !strcmp(p->leader, p->who))
        return INT64_MAX;
    int64_t led = p->leads_since_ms + PROGRAM_LEAD_MS, stayed = p->since_ms + PROGRAM_STAY_MS;
    return led > stayed ? led : stayed;
}

const char *program_screen(const struct room *r) {
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        if (m->sources & 1U << MEDIA_SCREEN)
            return m->id;
    }
    return "";
}

size_t program_picks(const struct program *p, const struct room *r, unsigned slots, struct media_pick *out,
                     size_t max) {
    size_t n = 0;
    const char *screen = program_screen(r);
    const struct member *spotlit = room_present(r, r->spotlight), *led = room_present(r, p->who);
    if (screen[0] && n < max)
        out[n++] = (struct media_pick){screen, MEDIA_SCREEN};
    if (shows(r, r->spotlight, MEDIA_CAMERA) && n < max)
        out[n++] = (struct media_pick){spotlit->id, MEDIA_CAMERA};
    bool has_led = !led || led == spotlit;
    list_each (&r->stage, m, struct member, stage_link) {
        if (n == max)
            break;
        if (m == spotlit || !(m->sources & 1U << MEDIA_CAMERA))
            continue;
        has_led = has_led || (m == led && n < slots);
        out[n++] = (struct media_pick){m->id, MEDIA_CAMERA};
    }
    if (!has_led && shows(r, p->who, MEDIA_CAMERA) && slots && slots <= n)
        out[slots - 1] = (struct media_pick){led->id, MEDIA_CAMERA};
    return n;
}

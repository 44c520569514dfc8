#include "server/rooms/program.h"

/* Attendees' cameras may be for hosts only: then they are in nobody's common picture, nor in the recording.
 */
static bool is_common(const struct room *r, const struct member *m) {
    return !r->cameras_to_hosts || m->role != ROLE_ATTENDEE;
}

/* Who is at a table is in that table's picture alone, unless he speaks to all. */
static bool is_here(const struct room *r, const struct member *m, unsigned table) {
    return m->table_voice || room_table(r, m) == table;
}

static bool sends(const struct room *r, const struct member *m, enum media_source source) {
    return m && (m->sources & 1U << source) && is_common(r, m) && is_here(r, m, 0);
}

static bool shows(const struct room *r, const char *id, enum media_source source) {
    return sends(r, room_present(r, id), source);
}

/* Who it would be if nobody spoke: the one it is, else a host's camera, else the first on stage. */
static const char *quiet_choice(const struct program *p, const struct room *r) {
    const char *first = "";
    if (shows(r, p->who, MEDIA_CAMERA))
        return p->who;
    list_each (&r->stage, m, struct member, stage_link) {
        if (!sends(r, m, MEDIA_CAMERA))
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

struct media_pick program_screen(const struct room *r) {
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        if ((m->sources & 1U << MEDIA_SCREEN) && is_here(r, m, 0))
            return (struct media_pick){m->id, MEDIA_SCREEN};
    }
    if (shows(r, r->spotlight, MEDIA_CONTENT))
        return (struct media_pick){room_present(r, r->spotlight)->id, MEDIA_CONTENT};
    list_each (&r->stage, m, struct member, stage_link) {
        if (sends(r, m, MEDIA_CONTENT))
            return (struct media_pick){m->id, MEDIA_CONTENT};
    }
    return (struct media_pick){"", MEDIA_SCREEN};
}

/* Screen, second cameras, the spotlit camera, then cameras in stage order; `all`: also those for hosts only.
 */
static size_t picks(const struct program *p, const struct room *r, unsigned slots, bool all,
                    struct media_pick *out, size_t max) {
    size_t n = 0;
    struct media_pick screen = program_screen(r);
    const struct member *spotlit = room_present(r, r->spotlight), *led = room_present(r, p->who);
    if (screen.member[0] && n < max)
        out[n++] = screen;
    list_each (&r->stage, m, struct member, stage_link) {
        bool is_first = screen.source == MEDIA_CONTENT && !strcmp(m->id, screen.member);
        bool is_seen = is_here(r, m, 0) && (all || is_common(r, m));
        if ((m->sources & 1U << MEDIA_CONTENT) && is_seen && !is_first && n < max)
            out[n++] = (struct media_pick){m->id, MEDIA_CONTENT};
    }
    if (shows(r, r->spotlight, MEDIA_CAMERA) && n < max)
        out[n++] = (struct media_pick){spotlit->id, MEDIA_CAMERA};
    bool has_led = !led || led == spotlit;
    list_each (&r->stage, m, struct member, stage_link) {
        if (n == max)
            break;
        if (m == spotlit && shows(r, r->spotlight, MEDIA_CAMERA))
            continue;
        if (!(m->sources & 1U << MEDIA_CAMERA) || !(all || is_common(r, m)) || !is_here(r, m, 0))
            continue;
        has_led = has_led || (m == led && n < slots);
        out[n++] = (struct media_pick){m->id, MEDIA_CAMERA};
    }
    if (!has_led && shows(r, p->who, MEDIA_CAMERA) && slots && slots <= n)
        out[slots - 1] = (struct media_pick){led->id, MEDIA_CAMERA};
    return n;
}

size_t program_picks(const struct program *p, const struct room *r, unsigned slots, struct media_pick *out,
                     size_t max) {
    return picks(p, r, slots, false, out, max);
}

size_t program_picks_all(const struct program *p, const struct room *r, unsigned slots,
                         struct media_pick *out, size_t max) {
    return picks(p, r, slots, true, out, max);
}

size_t program_table_picks(const struct room *r, unsigned table, bool all, struct media_pick *out,
                           size_t max) {
    static const enum media_source order[] = {MEDIA_SCREEN, MEDIA_CONTENT, MEDIA_CAMERA};
    size_t n = 0;
    for (unsigned i = 0; i < countof(order); i++)
        list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
            bool is_seen = is_here(r, m, table) && (all || order[i] == MEDIA_SCREEN || is_common(r, m));
            if ((m->sources & 1U << order[i]) && is_seen && n < max)
                out[n++] = (struct media_pick){m->id, order[i]};
        }
    return n;
}

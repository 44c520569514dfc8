#include "server/rooms/image.h"
#include "server/rooms/parts.h"

struct image {
    void (*put)(void *ctx, const struct event *e);
    void *ctx;
};

static struct event about(enum event_type type, const struct member *m) {
    struct event e = {.seq = 1, .type = type, .at_ms = m->joined_ms, .role = m->role};
    STR_COPY(e.who, str_of(m->id));
    STR_COPY(e.name, str_of(m->name));
    return e;
}

void image_put(const struct image *i, const struct event *e) { i->put(i->ctx, e); }

static void put_room(const struct image *i, const struct room *r) {
    struct event e = {.seq = 1, .type = EV_CREATED, .on = r->lobby};
    STR_COPY(e.name, str_of(r->cfg.format->id));
    image_put(i, &e);
    if (r->life == LIFE_OPEN)
        image_put(i, &(struct event){.seq = 1, .type = EV_OPENED, .at_ms = r->opened_ms});
    if (r->recorded)
        image_put(i, &(struct event){.seq = 1, .type = EV_RECORDING, .at_ms = r->recording_ms, .on = true});
    if (r->recording_fails)
        image_put(i, &(struct event){.seq = 1,
                                     .type = EV_RECORDING,
                                     .at_ms = r->recording_ms,
                                     .on = true,
                                     .reason = REASON_FAILED});
    if (r->recorded && !r->recording)
        image_put(i, &(struct event){.seq = 1, .type = EV_RECORDING, .at_ms = r->recording_ms});
    if (r->locked)
        image_put(i, &(struct event){.seq = 1, .type = EV_LOCKED, .on = true});
    if (r->spotlight[0]) {
        e = (struct event){.seq = 1, .type = EV_SPOTLIGHT};
        STR_COPY(e.who, str_of(r->spotlight));
        image_put(i, &e);
    }
}

/* In, perhaps with a role of the room's own, and out again if `out` is an event that says how. */
static void put_came(const struct image *i, const struct member *m) {
    struct event e = about(EV_JOINED, m);
    image_put(i, &e);
    if (m->granted) {
        e = about(EV_ROLE, m);
        STR_COPY(e.by, str_of(m->id));
        image_put(i, &e);
    }
    if (m->is_captioner) {
        e = about(EV_CAPTIONER, m);
        e.on = true;
        image_put(i, &e);
    }
}

/* What is no longer there first: while they come and go, the room is never fuller than it is in the end. */
static void put_past(const struct image *i, const struct room *r) {
    list_each (&r->members[MEMBER_ABSENT], m, struct member, link) {
        struct event left = about(EV_LEFT, m);
        left.reason = REASON_LEFT;
        put_came(i, m);
        image_put(i, &left);
    }
    list_each (&r->members[MEMBER_BANNED], m, struct member, link) {
        struct event out = about(EV_REMOVED, m);
        out.on = true;
        put_came(i, m);
        image_put(i, &out);
    }
}

static void put_sources(const struct image *i, const struct member *m) {
    for (unsigned s = 0; s < MEDIA_SOURCE_COUNT; s++) {
        struct event e = about(m->muted & 1U << s ? EV_MUTED : EV_SOURCE, m);
        e.source = (enum media_source)s;
        e.on = true;
        if ((m->sources | m->muted) & 1U << s)
            image_put(i, &e);
    }
}

static void put_present(const struct image *i, const struct room *r) {
    struct event e;
    list_each (&r->members[MEMBER_WAITING], m, struct member, link) {
        e = about(EV_WAITING, m);
        image_put(i, &e);
    }
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        put_came(i, m);
        put_sources(i, m);
        e = about(EV_INVITED, m);
        if (m->invited)
            image_put(i, &e);
    }
    list_each (&r->stage, m, struct member, stage_link) {
        e = about(EV_STAGED, m);
        image_put(i, &e);
    }
    list_each (&r->hands, m, struct member, hand_link) {
        e = about(EV_HAND, m);
        e.seq = m->hand_seq;
        e.on = true;
        image_put(i, &e);
    }
}

void room_image(const struct room *r, void (*put_event)(void *ctx, const struct event *e), void *ctx) {
    const struct image i = {put_event, ctx};
    put_room(&i, r);
    put_past(&i, r);
    put_present(&i, r);
#define X(name) name##_image(&i, r);
    LIST_PARTS_STATE(X)
#undef X
}

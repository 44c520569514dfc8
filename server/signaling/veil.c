#include "server/signaling/veil.h"

#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/rooms/parts.h"
#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"

bool veil_is_on(const struct live *l, const struct seat *seat) {
    return names_blind(&l->room, room_member(&l->room, seat->id)) != NULL;
}

/* As the tail remembers it, without its words. */
static struct event told_of(const struct tail_line *t) {
    struct event e = {.type = t->type, .n = t->n};
    STR_COPY(e.who, str_of(t->who));
    STR_COPY(e.by, str_of(t->by));
    return e;
}

/* Names in a list stand there without ids: all of them become the same. */
static struct str nameless(struct str list) {
    struct buf b;
    struct str line;
    buf_init(&b, list.n + 4 * ROOM_LINES_MAX);
    while (str_line(&list, &line))
        buf_z(&b, "№\n");
    size_t n = 0;
    char *p = buf_take(&b, &n);
    return (struct str){p, n};
}

static struct note *veiled(const struct live *l, const struct member *blind, const struct tail_line *t,
                           const char *id) {
    struct event e;
    struct buf b;
    char name[ROOM_NAME_MAX + 1];
    if (proto_event_parse(&e, note_view(t->note))) {
        LOG_ERROR("event not understood, not told where names are hidden room=%s seq=%llu", l->id,
                  (unsigned long long)t->seq);
        return NULL;
    }
    STR_COPY(name, str_of(e.name));
    names_told(&l->room, blind, id, name, e.name);
    if (t->type == EV_SCORES) {
        struct str list = e.list;
        e.list = nameless(list);
        mem_free((char *)list.p);
    }
    buf_init(&b, NOTE_MAX_BYTES);
    proto_event(&b, &e);
    event_fini(&e);
    return note_of(&b);
}

struct note *veil_note(const struct live *l, const struct seat *seat, const struct tail_line *t,
                       struct veiled *made) {
    const struct member *blind = names_blind(&l->room, room_member(&l->room, seat->id));
    struct event e = told_of(t);
    const char *id = blind ? names_subject(&l->room, &e) : NULL;
    if (!id || (id[0] && (!strcmp(id, seat->id) || names_known(&l->room, id))))
        return t->note;
    if (!made->is_made)
        *made = (struct veiled){veiled(l, blind, t, id), true};
    return made->note;
}

void veil_drop(struct veiled *made) {
    note_drop(made->note);
    *made = (struct veiled){0};
}

static void see_all(struct live *l, struct seat *seat) {
    if (seat->session && seat->session->is_ready)
        cast_welcome(l, seat->session, 0, 0);
}

void veil_turned(struct live *l) {
    mem_free(l->slots_text);
    note_drop(l->slots_note);
    l->slots_text = NULL;
    l->slots_note = NULL;
    proto_cache_fini(&l->cache);
    proto_cache_init(&l->cache);
    list_each (&l->seats, seat, struct seat, link) {
        struct buf b;
        buf_init(&b, NOTE_MAX_BYTES);
        if (seat->slots && proto_slots(&b, &l->room, note_view(seat->slots))) {
            note_drop(seat->slots);
            seat->slots = note_of(&b);
        } else {
            buf_fini(&b);
        }
        if (!l->is_big) /* in a big room nobody has the list of people, and what was written comes with a
                           reload */
            see_all(l, seat);
    }
}

void veil_role(struct live *l, const struct event *e) {
    struct seat *seat = seat_get(l, e->who);
    if (seat && names_hidden(&l->room))
        see_all(l, seat);
}

void veil_as_format(struct live *l, bool is_changed) {
    bool on = l->rules.names == NAMES_HIDDEN;
    if (l->room.life == LIFE_SCHEDULED && on != names_hidden(&l->room) &&
        (is_changed || !l->room.names_by_hand))
        live_system(l, &(struct command){.type = CMD_HIDE_NAMES, .on = on});
}

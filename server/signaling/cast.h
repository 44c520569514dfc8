/* cast — who is sent what: an event to its audience, a welcome with a snapshot or with what was missed, how
 * many there are in a big room. A note is encoded once and shared. Thread: control. Limits: a tail of
 * HUB_TAIL_MAX committed events is kept for those who resume. */
#ifndef CAST_H
#define CAST_H
#include "server/signaling/inside.h"

struct tail_line {
    uint64_t seq;
    struct note *note;
    enum event_type type;
    bool is_quiet, is_for_hosts;
    uint64_t table; /* of what parties see: those at it */
    uint64_t n;
    char who[ROOM_ID_MAX + 1], by[ROOM_ID_MAX + 1];
};
struct tail {
    struct tail_line *v; /* ring of HUB_TAIL_MAX, without what nobody is told of */
    size_t first, n;
    uint64_t after; /* everything later is here */
};
void tail_init(struct tail *t);
void tail_fini(struct tail *t);

struct live;
struct session;
struct item;
void cast_tail(struct live *l, struct note *note, const struct event *e, bool is_quiet); /* holds note */
void cast_event(struct live *l, const struct item *it);                                  /* a committed one */
void cast_changed(struct live *l, const struct event *e, bool is_quiet); /* evolved just now */
void cast_note(struct live *l, struct note *note);                       /* to everybody ready */
void cast_circle(struct live *l, unsigned circle, struct note *note);    /* to those in it */
void cast_mods(struct live *l, struct note *note);                       /* to those who moderate */
/* Queues it: with a snapshot of this moment, or what comes after `since` if the tail has it all. */
void cast_welcome(struct live *l, struct session *s, uint64_t since, uint64_t id);
void cast_send_welcome(struct live *l, struct item *it);
void cast_presence(struct live *l);
struct note *note_of(struct buf *b); /* a note of b's text; b is finished */

#endif

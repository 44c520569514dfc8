/* parts — what the files of a room share with one another; nobody outside server/rooms includes it.
 * A decision under way and the feature functions behind the rows: one decides a command, one evolves an
 * event. */
#ifndef PARTS_H
#define PARTS_H
#include "media/base/err.h"
#include "server/rooms/room.h"

struct decision {
    const struct room *r;
    const struct actor *by;
    const struct member *me; /* NULL when the server asks */
    const struct command *cmd;
    int64_t now_ms;
    struct events *out;
    size_t first;      /* events in out before this decision */
    size_t staged;     /* seats on stage taken by events of this decision */
    struct event full; /* written instead of an event past ROOM_EVENTS_MAX; then the decision is refused */
    bool is_full;
};

/* The next event, about `who`, by the actor. */
struct event *decision_put(struct decision *d, enum event_type type, const char *who);
int decision_refuse(struct decision *d, int err, const char *why);
/* The member the command is about, present; else NULL and refused. */
const struct member *decision_target(struct decision *d);
bool decision_may(const struct decision *d, enum can can); /* the server may everything */
bool decision_is_self(const struct decision *d, const char *who);

#define LIST_PARTS_DECIDE(X)                                                                                 \
    X(life_create)                                                                                           \
    X(life_open)                                                                                             \
    X(life_end)                                                                                              \
    X(recording_record)                                                                                      \
    X(people_join)                                                                                           \
    X(people_leave)                                                                                          \
    X(people_lock)                                                                                           \
    X(people_remove)                                                                                         \
    X(people_role)                                                                                           \
    X(lobby_switch)                                                                                          \
    X(lobby_admit)                                                                                           \
    X(lobby_deny)                                                                                            \
    X(stage_invite)                                                                                          \
    X(stage_accept)                                                                                          \
    X(stage_decline)                                                                                         \
    X(stage_stage)                                                                                           \
    X(stage_unstage)                                                                                         \
    X(stage_spotlight)                                                                                       \
    X(source_switch)                                                                                         \
    X(source_mute)                                                                                           \
    X(source_mute_all)                                                                                       \
    X(hand_hand)                                                                                             \
    X(hand_lower)                                                                                            \
    X(chat_chat)                                                                                             \
    X(chat_unchat)
#define X(name) int name(struct decision *d);
LIST_PARTS_DECIDE(X)
#undef X

/* Shared by several commands. */
void people_put_joined(struct decision *d, const char *id, const char *name, enum role role);
void stage_put_staged(struct decision *d, const struct member *m);
void stage_put_unstaged(struct decision *d, const struct member *m,
                        uint32_t keep); /* keep: sources that stay on */
bool stage_has_room(const struct decision *d);
void source_put_off(struct decision *d, const struct member *m, uint32_t which);
uint32_t role_may_send(const struct room *r, enum role role, bool staged);

/* Evolving. `m` is the member e->who names, in any state, or NULL. */
#define LIST_PARTS_EVOLVE(X)                                                                                 \
    X(life_evolve_created)                                                                                   \
    X(life_evolve_opened)                                                                                    \
    X(life_evolve_ended)                                                                                     \
    X(recording_evolve)                                                                                      \
    X(people_evolve_joined)                                                                                  \
    X(people_evolve_left)                                                                                    \
    X(people_evolve_locked)                                                                                  \
    X(people_evolve_removed)                                                                                 \
    X(people_evolve_role)                                                                                    \
    X(lobby_evolve_switched)                                                                                 \
    X(lobby_evolve_waiting)                                                                                  \
    X(lobby_evolve_admitted)                                                                                 \
    X(lobby_evolve_denied)                                                                                   \
    X(stage_evolve_invited)                                                                                  \
    X(stage_evolve_declined)                                                                                 \
    X(stage_evolve_staged)                                                                                   \
    X(stage_evolve_unstaged)                                                                                 \
    X(stage_evolve_spotlight)                                                                                \
    X(source_evolve)                                                                                         \
    X(source_evolve_muted)                                                                                   \
    X(hand_evolve)                                                                                           \
    X(chat_evolve)                                                                                           \
    X(chat_evolve_deleted)
#define X(name) void name(struct room *r, struct member *m, const struct event *e);
LIST_PARTS_EVOLVE(X)
#undef X

struct member *member_make(struct room *r, const struct event *e,
                           enum member_state state);                         /* NULL past limits */
void member_move(struct room *r, struct member *m, enum member_state state); /* leaves stage and hands */
void member_forget(struct room *r, struct member *m);
void stage_drop(struct room *r, struct member *m);
void hand_drop(struct room *r, struct member *m);

#endif

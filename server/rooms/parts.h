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

typedef int decide_fn(struct decision *d);
decide_fn life_create, life_open, life_end, recording_record, people_join, people_leave, people_lock,
    people_remove, people_role, lobby_switch, lobby_admit, lobby_deny, stage_invite, stage_accept,
    stage_decline, stage_stage, stage_unstage, stage_spotlight, source_switch, source_mute, source_mute_all,
    hand_hand, hand_lower, chat_chat, chat_unchat, poll_poll, poll_drop, poll_open, poll_close, poll_hide,
    poll_show, poll_scores_show, poll_answer, ask_ask, ask_vote, ask_set, ask_merge, timer_timer, react_react,
    react_sum, chat_edit, chat_pin, chat_rules, slides_deck, slides_drop, slides_slide, look_layout,
    look_cameras, source_mute_ask, lobby_text, easel_make, easel_open, ink_draw, ink_drop, ink_clear,
    tables_lay, tables_card, tables_seat, tables_deal, tables_open, tables_help, tables_voice, limits_limit,
    people_unban, report_report, report_done, notes_note, notes_whole, captions_captioner, captions_caption,
    captions_edit, captions_drop, channels_lay, channels_interpret, channels_air, ask_rules, names_hide,
    film_clip, film_drop, film_show;

/* Shared by several commands. */
void people_put_joined(struct decision *d, const char *id, const char *name, enum role role);
void stage_put_staged(struct decision *d, const struct member *m);
void stage_put_unstaged(struct decision *d, const struct member *m,
                        uint32_t keep);                                     /* keep: sources that stay on */
void slides_put(struct room *r, const struct deck *deck, struct str title); /* unless it cannot be */
void ink_forget_deck(struct room *r, uint64_t deck);
bool stage_has_room(const struct decision *d);
void source_put_off(struct decision *d, const struct member *m, uint32_t which);
const struct room_chat *chat_find(const struct room *r, uint64_t n); /* or NULL */
const struct room_chat *direct_find(const struct room *r, uint64_t n);
void channels_come_back(struct decision *d, const struct member *m,
                        const char *name); /* into what he interpreted before */
void channels_off_air(struct room *r, const struct member *m);
/* The first time he is in: who was named before the session interprets into these, and they are channels. */
void channels_arrive(struct decision *d, const char *id, const char *name, struct str langs);
uint32_t can_send(uint32_t can, bool staged); /* what such permissions let one send */
uint32_t role_may_send(const struct room *r, enum role role, bool staged);
/* The same of one who may interpret. */
uint32_t member_may_send(const struct room *r, const struct member *m, enum role role, bool staged);

/* Evolving. `m` is the member e->who names, in any state, or NULL. */
typedef void evolve_fn(struct room *r, struct member *m, const struct event *e);
evolve_fn life_evolve_created, life_evolve_opened, life_evolve_ended, recording_evolve, people_evolve_joined,
    people_evolve_left, people_evolve_locked, people_evolve_removed, people_evolve_role,
    lobby_evolve_switched, lobby_evolve_waiting, lobby_evolve_admitted, lobby_evolve_denied,
    stage_evolve_invited, stage_evolve_declined, stage_evolve_staged, stage_evolve_unstaged,
    stage_evolve_spotlight, source_evolve, source_evolve_muted, hand_evolve, chat_evolve, chat_evolve_deleted,
    poll_evolve_made, poll_evolve_dropped, poll_evolve_opened, poll_evolve_answer, poll_evolve_hidden,
    poll_evolve_tally, poll_evolve_closed, poll_evolve_shown, poll_evolve_scores, ask_evolve_asked,
    ask_evolve_vote, ask_evolve_state, ask_evolve_merged, timer_evolve, react_evolve, chat_evolve_direct,
    chat_evolve_edited, chat_evolve_pinned, chat_evolve_rules, slides_evolve_deck, slides_evolve_dropped,
    slides_evolve_slide, discreet_evolve, look_evolve_layout, look_evolve_cameras, source_evolve_mute_asked,
    lobby_evolve_text, easel_evolve_made, easel_evolve_open, ink_evolve, ink_evolve_dropped,
    ink_evolve_cleared, tables_evolve_laid, tables_evolve_card, tables_evolve_seated, tables_evolve_open,
    tables_evolve_help, tables_evolve_voice, limits_evolve, people_evolve_unbanned, report_evolve,
    report_evolve_done, chat_evolve_direct_edited, chat_evolve_undirect, notes_evolve, notes_evolve_whole,
    captions_evolve_captioner, captions_evolve, captions_evolve_edited, captions_evolve_dropped,
    channels_evolve_laid, channels_evolve_interprets, channels_evolve_air, ask_evolve_rules, ask_evolve_waits,
    ask_evolve_passed, ask_evolve_turned, names_evolve, film_evolve_clip, film_evolve_dropped, film_evolve;

/* What a feature with a state of its own gives: its beginning and end, the state as text, and as events. */
struct image;
void image_put(const struct image *i, const struct event *e);
#define LIST_PARTS_STATE(X)                                                                                  \
    X(chat)                                                                                                  \
    X(poll)                                                                                                  \
    X(ask)                                                                                                   \
    X(timer)                                                                                                 \
    X(slides)                                                                                                \
    X(look) X(lobby) X(ink) X(tables) X(limits) X(report) X(notes) X(captions) X(channels) X(names) X(film)
#define X(name)                                                                                              \
    void name##_init(struct room *r);                                                                        \
    void name##_fini(struct room *r);                                                                        \
    void name##_dump(const struct room *r, struct buf *b);                                                   \
    void name##_image(const struct image *i, const struct room *r);
LIST_PARTS_STATE(X)
#undef X

struct member *member_make(struct room *r, const struct event *e,
                           enum member_state state);                         /* NULL past limits */
void member_move(struct room *r, struct member *m, enum member_state state); /* leaves stage and hands */
void member_forget(struct room *r, struct member *m);
void stage_drop(struct room *r, struct member *m);
void hand_drop(struct room *r, struct member *m);

#endif

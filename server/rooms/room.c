#include "server/rooms/room.h"
#include "media/base/mem.h"
#include "server/rooms/parts.h"

enum { KNOWN_MAX = ROOM_MEMBERS_MAX + ROOM_ABSENT_MAX + ROOM_WAITING_MAX + ROOM_BANNED_MAX };

static const size_t state_max[MEMBER_STATE_COUNT] = {
    [MEMBER_PRESENT] = ROOM_MEMBERS_MAX,
    [MEMBER_WAITING] = ROOM_WAITING_MAX,
    [MEMBER_ABSENT] = ROOM_ABSENT_MAX,
    [MEMBER_BANNED] = ROOM_BANNED_MAX,
};

static const struct {
    bool is_client;
    uint32_t can;
} command_rows[CMD_COUNT] = {
#define X(name, wire, required, optional, can, rate) {sizeof(wire) > 1, can},
#include "server/rooms/commands.def"
#undef X
};

static int (*const decide_fns[CMD_COUNT])(struct decision *) = {
    [CMD_CREATE] = life_create,
    [CMD_JOIN] = people_join,
    [CMD_LEAVE] = people_leave,
    [CMD_OPEN] = life_open,
    [CMD_END] = life_end,
    [CMD_LOBBY] = lobby_switch,
    [CMD_ADMIT] = lobby_admit,
    [CMD_DENY] = lobby_deny,
    [CMD_LOCK] = people_lock,
    [CMD_INVITE] = stage_invite,
    [CMD_ACCEPT] = stage_accept,
    [CMD_DECLINE] = stage_decline,
    [CMD_STAGE] = stage_stage,
    [CMD_UNSTAGE] = stage_unstage,
    [CMD_SOURCE] = source_switch,
    [CMD_MUTE] = source_mute,
    [CMD_MUTE_ALL] = source_mute_all,
    [CMD_REMOVE] = people_remove,
    [CMD_HAND] = hand_hand,
    [CMD_LOWER] = hand_lower,
    [CMD_CHAT] = chat_chat,
    [CMD_UNCHAT] = chat_unchat,
    [CMD_ROLE] = people_role,
    [CMD_SPOTLIGHT] = stage_spotlight,
    [CMD_LAYOUT] = look_layout,
    [CMD_CAMERAS] = look_cameras,
    [CMD_MUTE_ASK] = source_mute_ask,
    [CMD_LOBBY_TEXT] = lobby_text,
    [CMD_RECORD] = recording_record,
    [CMD_POLL] = poll_poll,
    [CMD_POLL_DROP] = poll_drop,
    [CMD_POLL_OPEN] = poll_open,
    [CMD_POLL_CLOSE] = poll_close,
    [CMD_POLL_HIDE] = poll_hide,
    [CMD_POLL_SHOW] = poll_show,
    [CMD_SCORES] = poll_scores_show,
    [CMD_POLL_ANSWER] = poll_answer,
    [CMD_ASK] = ask_ask,
    [CMD_ASK_VOTE] = ask_vote,
    [CMD_ASK_STATE] = ask_set,
    [CMD_ASK_MERGE] = ask_merge,
    [CMD_ASK_RULES] = ask_rules,
    [CMD_TIMER] = timer_timer,
    [CMD_REACT] = react_react,
    [CMD_REACTIONS] = react_sum,
    [CMD_CHAT_EDIT] = chat_edit,
    [CMD_CHAT_PIN] = chat_pin,
    [CMD_CHAT_RULES] = chat_rules,
    [CMD_DECK] = slides_deck,
    [CMD_DECK_DROP] = slides_drop,
    [CMD_SLIDE] = slides_slide,
    [CMD_BOARD] = easel_make,
    [CMD_BOARD_OPEN] = easel_open,
    [CMD_INK] = ink_draw,
    [CMD_INK_DROP] = ink_drop,
    [CMD_INK_CLEAR] = ink_clear,
    [CMD_CLIP] = film_clip,
    [CMD_CLIP_DROP] = film_drop,
    [CMD_VIDEO] = film_show,
    [CMD_TABLES] = tables_lay,
    [CMD_TABLE] = tables_card,
    [CMD_SEAT] = tables_seat,
    [CMD_TABLES_DEAL] = tables_deal,
    [CMD_TABLES_OPEN] = tables_open,
    [CMD_TABLE_HELP] = tables_help,
    [CMD_TABLE_VOICE] = tables_voice,
    [CMD_CHANNELS] = channels_lay,
    [CMD_INTERPRET] = channels_interpret,
    [CMD_AIR] = channels_air,
    [CMD_LIMIT] = limits_limit,
    [CMD_UNBAN] = people_unban,
    [CMD_REPORT] = report_report,
    [CMD_REPORT_DONE] = report_done,
    [CMD_NOTE] = notes_note,
    [CMD_NOTE_WHOLE] = notes_whole,
    [CMD_CAPTIONER] = captions_captioner,
    [CMD_CAPTION] = captions_caption,
    [CMD_CAPTION_EDIT] = captions_edit,
    [CMD_CAPTION_DROP] = captions_drop,
    [CMD_HIDE_NAMES] = names_hide,
};

static void (*const evolve_fns[EV_COUNT])(struct room *, struct member *, const struct event *) = {
    [EV_CREATED] = life_evolve_created,
    [EV_OPENED] = life_evolve_opened,
    [EV_ENDED] = life_evolve_ended,
    [EV_WAITING] = lobby_evolve_waiting,
    [EV_JOINED] = people_evolve_joined,
    [EV_LEFT] = people_evolve_left,
    [EV_LOBBY] = lobby_evolve_switched,
    [EV_ADMITTED] = lobby_evolve_admitted,
    [EV_DENIED] = lobby_evolve_denied,
    [EV_LOCKED] = people_evolve_locked,
    [EV_INVITED] = stage_evolve_invited,
    [EV_DECLINED] = stage_evolve_declined,
    [EV_STAGED] = stage_evolve_staged,
    [EV_UNSTAGED] = stage_evolve_unstaged,
    [EV_SOURCE] = source_evolve,
    [EV_MUTED] = source_evolve_muted,
    [EV_REMOVED] = people_evolve_removed,
    [EV_HAND] = hand_evolve,
    [EV_CHAT] = chat_evolve,
    [EV_UNCHAT] = chat_evolve_deleted,
    [EV_ROLE] = people_evolve_role,
    [EV_SPOTLIGHT] = stage_evolve_spotlight,
    [EV_RECORDING] = recording_evolve,
    [EV_POLL] = poll_evolve_made,
    [EV_POLL_DROPPED] = poll_evolve_dropped,
    [EV_POLL_OPENED] = poll_evolve_opened,
    [EV_POLL_ANSWER] = poll_evolve_answer,
    [EV_POLL_HIDDEN] = poll_evolve_hidden,
    [EV_POLL_TALLY] = poll_evolve_tally,
    [EV_POLL_CLOSED] = poll_evolve_closed,
    [EV_POLL_SHOWN] = poll_evolve_shown,
    [EV_SCORES] = poll_evolve_scores,
    [EV_ASKED] = ask_evolve_asked,
    [EV_ASK_VOTE] = ask_evolve_vote,
    [EV_ASK_STATE] = ask_evolve_state,
    [EV_ASK_MERGED] = ask_evolve_merged,
    [EV_ASK_RULES] = ask_evolve_rules,
    [EV_ASK_WAITS] = ask_evolve_waits,
    [EV_ASK_PASSED] = ask_evolve_passed,
    [EV_ASK_TURNED] = ask_evolve_turned,
    [EV_TIMER] = timer_evolve,
    [EV_REACTIONS] = react_evolve,
    [EV_DIRECT] = chat_evolve_direct,
    [EV_CHAT_EDIT] = chat_evolve_edited,
    [EV_CHAT_PIN] = chat_evolve_pinned,
    [EV_CHAT_RULES] = chat_evolve_rules,
    [EV_DECK] = slides_evolve_deck,
    [EV_DECK_DROPPED] = slides_evolve_dropped,
    [EV_SLIDE] = slides_evolve_slide,
    [EV_LAYOUT] = look_evolve_layout,
    [EV_CAMERAS] = look_evolve_cameras,
    [EV_MUTE_ASKED] = source_evolve_mute_asked,
    [EV_LOBBY_TEXT] = lobby_evolve_text,
    [EV_LIMITED] = limits_evolve,
    [EV_NAMES_HIDDEN] = names_evolve,
    [EV_UNBANNED] = people_evolve_unbanned,
    [EV_REPORTED] = report_evolve,
    [EV_REPORT_DONE] = report_evolve_done,
    [EV_DIRECT_EDIT] = chat_evolve_direct_edited,
    [EV_UNDIRECT] = chat_evolve_undirect,
    [EV_NOTE] = notes_evolve,
    [EV_NOTE_WHOLE] = notes_evolve_whole,
    [EV_UNKEPT] = discreet_evolve,
    [EV_BOARD] = easel_evolve_made,
    [EV_BOARD_OPEN] = easel_evolve_open,
    [EV_INK] = ink_evolve,
    [EV_INK_DROPPED] = ink_evolve_dropped,
    [EV_INK_CLEARED] = ink_evolve_cleared,
    [EV_CLIP] = film_evolve_clip,
    [EV_CLIP_DROPPED] = film_evolve_dropped,
    [EV_VIDEO] = film_evolve,
    [EV_TABLES] = tables_evolve_laid,
    [EV_TABLE] = tables_evolve_card,
    [EV_SEATED] = tables_evolve_seated,
    [EV_TABLES_OPEN] = tables_evolve_open,
    [EV_TABLE_HELP] = tables_evolve_help,
    [EV_TABLE_VOICE] = tables_evolve_voice,
    [EV_CAPTIONER] = captions_evolve_captioner,
    [EV_CAPTION] = captions_evolve,
    [EV_CAPTION_EDIT] = captions_evolve_edited,
    [EV_CAPTION_DROPPED] = captions_evolve_dropped,
    [EV_CHANNELS] = channels_evolve_laid,
    [EV_INTERPRETS] = channels_evolve_interprets,
    [EV_AIR] = channels_evolve_air,
};

const char *life_name(enum life l) {
    static const char *const names[LIFE_COUNT] = {"scheduled", "open", "ended"};
    return l < LIFE_COUNT ? names[l] : "";
}

void room_init(struct room *r, const struct room_cfg *cfg) {
    *r = (struct room){.cfg = *cfg, .lobby = cfg->lobby};
    if (!r->cfg.members_max || r->cfg.members_max > ROOM_MEMBERS_MAX)
        r->cfg.members_max = ROOM_MEMBERS_MAX;
    smap_init(&r->by_id, KNOWN_MAX);
    for (int s = 0; s < MEMBER_STATE_COUNT; s++)
        list_init(&r->members[s]);
    list_init(&r->stage);
    list_init(&r->hands);
#define X(name) name##_init(r);
    LIST_PARTS_STATE(X)
#undef X
}

void room_fini(struct room *r) {
    for (int s = 0; s < MEMBER_STATE_COUNT; s++)
        list_each (&r->members[s], m, struct member, link)
            member_forget(r, m);
    smap_fini(&r->by_id);
#define X(name) name##_fini(r);
    LIST_PARTS_STATE(X)
#undef X
}

const struct member *room_member(const struct room *r, const char *id) {
    return smap_get(&r->by_id, str_of(id));
}

const struct member *room_present(const struct room *r, const char *id) {
    const struct member *m = room_member(r, id);
    return m && m->state == MEMBER_PRESENT ? m : NULL;
}

uint32_t room_role_can(const struct room *r, enum role role) {
    return r->cfg.format->can[role] & ~r->off[role];
}

uint32_t room_can(const struct room *r, const struct member *m) { return room_role_can(r, m->role); }

static uint32_t can_publish(uint32_t can) {
    return (can & (CAN_PUBLISH_MIC | CAN_TALK) ? 1U << MEDIA_MIC : 0) |
           (can & CAN_PUBLISH_CAMERA ? 1U << MEDIA_CAMERA : 0) |
           (can & CAN_PUBLISH_SCREEN ? 1U << MEDIA_SCREEN | 1U << MEDIA_SCREEN_AUDIO | 1U << MEDIA_CONTENT
                                     : 0);
}

static bool role_is_early(const struct room *r, enum role role) {
    return r->life != LIFE_OPEN && role == ROLE_ATTENDEE;
}

uint32_t can_send(uint32_t can, bool staged) {
    return staged ? can_publish(can) : can & CAN_TALK ? 1U << MEDIA_MIC : 0;
}

uint32_t role_may_send(const struct room *r, enum role role, bool staged) {
    return role_is_early(r, role) ? 0 : can_send(room_role_can(r, role), staged);
}

/* Who interprets speaks, whatever his role: nobody hears it who did not choose to. */
static uint32_t interpreters(const struct member *m) { return member_interprets(m) ? 1U << MEDIA_MIC : 0; }

uint32_t member_may_send(const struct room *r, const struct member *m, enum role role, bool staged) {
    return role_may_send(r, role, staged) | (role_is_early(r, role) ? 0 : interpreters(m));
}

uint32_t room_may_publish(const struct room *r, const struct member *m) {
    /* What is off just now may be on again. */
    return can_publish(r->cfg.format->can[m->role]) | interpreters(m);
}

uint32_t room_may_send(const struct room *r, const struct member *m) {
    return room_may_view(r, m) ? member_may_send(r, m, m->role, m->staged || room_table(r, m)) : 0;
}

bool room_may_view(const struct room *r, const struct member *m) {
    return m->state == MEMBER_PRESENT && r->life != LIFE_ENDED && !role_is_early(r, m->role);
}

/* ---- deciding ---- */

struct event *decision_put(struct decision *d, enum event_type type, const char *who) {
    struct event *e = events_add(d->out);
    if (!e) {
        d->is_full = true;
        e = &d->full;
        event_fini(e);
    }
    *e = (struct event){.seq = d->r->seq + (d->out->n - d->first), .at_ms = d->now_ms, .type = type};
    STR_COPY(e->by, str_of(d->by->id));
    STR_COPY(e->who, str_of(who));
    return e;
}

int decision_refuse(struct decision *d, int err, const char *why) {
    d->out->why = why;
    return err;
}

const struct member *decision_target(struct decision *d) {
    const struct member *m = room_present(d->r, d->cmd->who);
    if (!m)
        decision_refuse(d, -ERR_MISSING, "This person is not in the room.");
    return m;
}

bool decision_may(const struct decision *d, enum can can) { return !d->me || (room_can(d->r, d->me) & can); }

bool decision_is_self(const struct decision *d, const char *who) { return d->me && !strcmp(d->me->id, who); }

/* Who asks, and whether a person like that may ask this at all. */
static int admit_actor(struct decision *d) {
    if (d->r->life == LIFE_ENDED)
        return decision_refuse(d, -ERR_EXPIRED, "The event has ended.");
    if (d->by->is_system)
        return 0;
    d->me = room_member(d->r, d->by->id);
    bool leaves_lobby = d->me && d->me->state == MEMBER_WAITING && d->cmd->type == CMD_LEAVE;
    if (!d->me || (d->me->state != MEMBER_PRESENT && !leaves_lobby))
        return decision_refuse(d, -ERR_DENIED, "You are not in this room.");
    uint32_t can = command_rows[d->cmd->type].can;
    if (!command_rows[d->cmd->type].is_client || (can && !(room_can(d->r, d->me) & can)))
        return decision_refuse(d, -ERR_DENIED, "Your role may not do this, or not just now.");
    return 0;
}

int room_decide(const struct room *r, const struct actor *a, const struct command *cmd, int64_t now_ms,
                struct events *out) {
    struct decision d = {.r = r, .by = a, .cmd = cmd, .now_ms = now_ms, .out = out, .first = out->n};
    if ((unsigned)cmd->type >= CMD_COUNT)
        return decision_refuse(&d, -ERR_INVALID, "Unknown command.");
    int err = admit_actor(&d);
    if (!err)
        err = decide_fns[cmd->type](&d);
    if (!err && d.is_full)
        err = decision_refuse(&d, -ERR_FULL, "Too much at once.");
    event_fini(&d.full);
    while (err && out->n > d.first)
        event_fini(&out->v[--out->n]);
    return err;
}

/* ---- evolving ---- */

void room_evolve(struct room *r, const struct event *e) {
    if (e->seq > r->seq)
        r->seq = e->seq;
    if (r->life == LIFE_ENDED || (unsigned)e->type >= EV_COUNT)
        return;
    evolve_fns[e->type](r, smap_get(&r->by_id, str_of(e->who)), e);
}

struct member *member_make(struct room *r, const struct event *e, enum member_state state) {
    if (!e->who[0] || r->count[state] >= state_max[state])
        return NULL;
    struct member *m = mem_zalloc(sizeof *m);
    STR_COPY(m->id, str_of(e->who));
    list_init(&m->stage_link);
    list_init(&m->hand_link);
    m->state = state;
    list_put(&r->members[state], &m->link);
    r->count[state]++;
    smap_put(&r->by_id, str_of(m->id), m);
    return m;
}

void member_forget(struct room *r, struct member *m) {
    stage_drop(r, m);
    hand_drop(r, m);
    channels_off_air(r, m);
    list_drop(&m->link);
    r->count[m->state]--;
    smap_drop(&r->by_id, str_of(m->id));
    mem_free(m);
}

void member_move(struct room *r, struct member *m, enum member_state state) {
    stage_drop(r, m);
    hand_drop(r, m);
    channels_off_air(r, m);
    m->sources = m->muted = 0;
    m->invited = m->table_voice = false;
    if (state == MEMBER_BANNED) { /* anybody else comes back to his seat */
        m->table = 0;
        m->table_out = m->is_captioner = false;
        m->interprets = (struct interprets){0};
    }
    if (r->count[state] >=
        state_max[state]) /* only the absent and the banned fill up: the oldest is forgotten */
        member_forget(r, list_entry(r->members[state].next, struct member, link));
    list_drop(&m->link);
    r->count[m->state]--;
    m->state = state;
    list_put(&r->members[state], &m->link);
    r->count[state]++;
}

/* ---- showing ---- */

static void dump_member(const struct member *m, struct buf *b) {
    buf_printf(b,
               "member %d %s \"%s\" role=%d granted=%d staged=%d invited=%d sources=%x muted=%x hand=%llu "
               "in=%lld table=%u%s%s%s\n",
               (int)m->state, m->id, m->name, (int)m->role, m->granted, m->staged, m->invited, m->sources,
               m->muted, (unsigned long long)m->hand_seq, (long long)m->joined_ms, m->table,
               m->table_out ? " out" : "", m->table_voice ? " voice" : "",
               m->is_captioner ? " captioner" : "");
}

void room_dump(const struct room *r, struct buf *b) {
    buf_printf(b, "seq=%llu life=%s lobby=%d locked=%d recording=%d%s recorded=%d spotlight=%s\n",
               (unsigned long long)r->seq, life_name(r->life), r->lobby, r->locked, r->recording,
               r->recording_fails ? " fails" : "", r->recorded, r->spotlight);
    buf_printf(b, "opened=%lld ended=%lld recording=%lld stage=%zu hands=%zu\n", (long long)r->opened_ms,
               (long long)r->ended_ms, (long long)r->recording_ms, r->stage_count, r->hand_count);
    for (int s = 0; s < MEMBER_STATE_COUNT; s++)
        list_each (&r->members[s], m, struct member, link)
            dump_member(m, b);
    list_each (&r->stage, m, struct member, stage_link)
        buf_printf(b, "stage %s\n", m->id);
    list_each (&r->hands, m, struct member, hand_link)
        buf_printf(b, "hand %s\n", m->id);
#define X(name) name##_dump(r, b);
    LIST_PARTS_STATE(X)
#undef X
}

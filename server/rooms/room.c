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
    [CMD_RECORD] = recording_record,
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
    r->chat = mem_zalloc(ROOM_CHAT_KEEP * sizeof *r->chat);
}

void room_fini(struct room *r) {
    for (int s = 0; s < MEMBER_STATE_COUNT; s++)
        list_each (&r->members[s], m, struct member, link)
            member_forget(r, m);
    smap_fini(&r->by_id);
    for (size_t i = 0; i < ROOM_CHAT_KEEP; i++)
        mem_free(r->chat[i].text);
    mem_free(r->chat);
}

const struct member *room_member(const struct room *r, const char *id) {
    return smap_get(&r->by_id, str_of(id));
}

const struct member *room_present(const struct room *r, const char *id) {
    const struct member *m = room_member(r, id);
    return m && m->state == MEMBER_PRESENT ? m : NULL;
}

uint32_t room_can(const struct room *r, const struct member *m) { return r->cfg.format->can[m->role]; }

static uint32_t role_may_publish(const struct room *r, enum role role) {
    uint32_t can = r->cfg.format->can[role];
    return (can & (CAN_PUBLISH_MIC | CAN_TALK) ? 1U << MEDIA_MIC : 0) |
           (can & CAN_PUBLISH_CAMERA ? 1U << MEDIA_CAMERA : 0) |
           (can & CAN_PUBLISH_SCREEN ? 1U << MEDIA_SCREEN | 1U << MEDIA_SCREEN_AUDIO : 0);
}

static bool role_is_early(const struct room *r, enum role role) {
    return r->life != LIFE_OPEN && role == ROLE_ATTENDEE;
}

uint32_t role_may_send(const struct room *r, enum role role, bool staged) {
    if (role_is_early(r, role))
        return 0;
    if (staged)
        return role_may_publish(r, role);
    return r->cfg.format->can[role] & CAN_TALK ? 1U << MEDIA_MIC : 0;
}

uint32_t room_may_publish(const struct room *r, const struct member *m) {
    return role_may_publish(r, m->role);
}

uint32_t room_may_send(const struct room *r, const struct member *m) {
    return room_may_view(r, m) ? role_may_send(r, m->role, m->staged) : 0;
}

bool room_may_view(const struct room *r, const struct member *m) {
    return m->state == MEMBER_PRESENT && r->life != LIFE_ENDED && !role_is_early(r, m->role);
}

const struct room_chat *room_chat_at(const struct room *r, size_t i) {
    return i < r->chat_count ? &r->chat[(r->chat_first + i) % ROOM_CHAT_KEEP] : NULL;
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
        return decision_refuse(d, -ERR_DENIED, "Your role may not do this.");
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
    list_drop(&m->link);
    r->count[m->state]--;
    smap_drop(&r->by_id, str_of(m->id));
    mem_free(m);
}

void member_move(struct room *r, struct member *m, enum member_state state) {
    stage_drop(r, m);
    hand_drop(r, m);
    m->sources = m->muted = 0;
    m->invited = false;
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
    buf_printf(
        b,
        "member %d %s \"%s\" role=%d granted=%d staged=%d invited=%d sources=%x muted=%x hand=%llu in=%lld\n",
        (int)m->state, m->id, m->name, (int)m->role, m->granted, m->staged, m->invited, m->sources, m->muted,
        (unsigned long long)m->hand_seq, (long long)m->joined_ms);
}

void room_dump(const struct room *r, struct buf *b) {
    buf_printf(b, "seq=%llu life=%s lobby=%d locked=%d recording=%d recorded=%d spotlight=%s\n",
               (unsigned long long)r->seq, life_name(r->life), r->lobby, r->locked, r->recording, r->recorded,
               r->spotlight);
    buf_printf(b, "opened=%lld ended=%lld recording=%lld stage=%zu hands=%zu\n", (long long)r->opened_ms,
               (long long)r->ended_ms, (long long)r->recording_ms, r->stage_count, r->hand_count);
    for (int s = 0; s < MEMBER_STATE_COUNT; s++)
        list_each (&r->members[s], m, struct member, link)
            dump_member(m, b);
    list_each (&r->stage, m, struct member, stage_link)
        buf_printf(b, "stage %s\n", m->id);
    list_each (&r->hands, m, struct member, hand_link)
        buf_printf(b, "hand %s\n", m->id);
    for (size_t i = 0; i < r->chat_count; i++) {
        const struct room_chat *c = room_chat_at(r, i);
        buf_printf(b, "chat %llu %lld %s \"%s\" %s\n", (unsigned long long)c->seq, (long long)c->at_ms, c->by,
                   c->name, c->text);
    }
}

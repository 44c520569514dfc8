#include "server/signaling/tally.h"

#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"
#include "server/signaling/snap.h"

static void wait(struct live *l, struct timer *t, int ms, void (*fire)(struct hub *, struct timer *)) {
    timer_set(l->h, t, l->h->now_us + ms * 1000LL, fire);
}

/* ---- answers to polls ---- */

static bool is_poller(const struct live *l, const struct seat *seat) {
    const struct member *m = room_present(&l->room, seat->id);
    return m && (room_can(&l->room, m) & CAN_POLL);
}

static struct note *polls_note(const struct live *l) {
    struct buf b;
    buf_init(&b, NOTE_MAX_BYTES);
    snap_tally(&b, &l->room);
    return note_of(&b);
}

static void on_polls(struct hub *h, struct timer *t);

static void tell_polls(struct live *l) {
    struct note *note = polls_note(l);
    list_each (&l->sessions, s, struct session, link) {
        if (s->is_ready && is_poller(l, s->seat))
            session_send(s, note);
    }
    note_drop(note);
    l->tally.polls_due = false;
    wait(l, &l->tally.polls, TALLY_POLLS_MS, on_polls);
}

static void on_polls(struct hub *h, struct timer *t) {
    struct live *l = container_of(t, struct live, tally.polls);
    (void)h;
    if (l->tally.polls_due)
        tell_polls(l);
}

/* ---- votes for questions ---- */

static void on_votes(struct hub *h, struct timer *t);

static void tell_votes(struct live *l) {
    struct buf b;
    buf_init(&b, NOTE_MAX_BYTES);
    snap_votes(&b, &l->room, l->tally.voted, l->tally.voted_n);
    l->tally.voted_n = 0;
    struct note *note = note_of(&b);
    cast_note(l, note);
    note_drop(note);
    wait(l, &l->tally.votes, TALLY_VOTES_MS, on_votes);
}

static void on_votes(struct hub *h, struct timer *t) {
    struct live *l = container_of(t, struct live, tally.votes);
    (void)h;
    if (l->tally.voted_n)
        tell_votes(l);
}

static void put_voted(struct tally *y, uint64_t n) {
    for (size_t i = 0; i < y->voted_n; i++)
        if (y->voted[i] == n)
            return;
    if (y->voted_n < TALLY_VOTED_MAX)
        y->voted[y->voted_n++] = n;
}

/* ---- reactions ---- */

static void on_reactions(struct hub *h, struct timer *t);

static void put_reactions(struct live *l) {
    struct command c = {.type = CMD_REACTIONS, .numbers = {.n = ROOM_REACTIONS}};
    memcpy(c.numbers.v, l->tally.reacted, sizeof l->tally.reacted);
    memset(l->tally.reacted, 0, sizeof l->tally.reacted);
    wait(l, &l->tally.reactions, TALLY_REACTIONS_MS, on_reactions);
    live_system(l, &c);
}

static void on_reactions(struct hub *h, struct timer *t) {
    struct live *l = container_of(t, struct live, tally.reactions);
    uint32_t any = 0;
    (void)h;
    for (size_t i = 0; i < ROOM_REACTIONS; i++)
        any |= l->tally.reacted[i];
    if (any)
        put_reactions(l);
}

void tally_react(struct live *l, uint64_t which) {
    l->tally.reacted[which]++;
    if (!timer_is_set(&l->tally.reactions))
        put_reactions(l);
}

/* ---- for all of them ---- */

void tally_stop(struct live *l) {
    timer_drop(l->h, &l->tally.polls);
    timer_drop(l->h, &l->tally.votes);
    timer_drop(l->h, &l->tally.reactions);
}

void tally_happened(struct live *l, const struct event *e) {
    if (e->type == EV_POLL_ANSWER || e->type == EV_POLL_HIDDEN) {
        l->tally.polls_due = true;
        if (!timer_is_set(&l->tally.polls))
            tell_polls(l);
    } else if (e->type == EV_ASK_VOTE || e->type == EV_ASK_MERGED) {
        put_voted(&l->tally, e->type == EV_ASK_VOTE ? e->n : e->amount);
        if (!timer_is_set(&l->tally.votes))
            tell_votes(l);
    }
}

void tally_welcome(struct live *l, struct session *s) {
    bool is_open = false;
    list_each (&l->room.polls, p, struct poll, link) {
        is_open = is_open || p->state == POLL_OPEN;
    }
    if (!is_open || !is_poller(l, s->seat))
        return;
    struct note *note = polls_note(l);
    session_send(s, note);
    note_drop(note);
}

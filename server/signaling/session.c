#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"
#include "server/signaling/cast.h"
#include "server/signaling/proto.h"

static void on_deadline(struct hub *h, struct timer *t) {
    struct session *s = container_of(t, struct session, timer);
    int64_t due_us = s->state == SESSION_SEATED ? s->heard_us + (int64_t)HUB_SILENCE_S * HUB_SECOND_US : 0;
    if (due_us > h->now_us)
        timer_set(h, t, due_us, on_deadline);
    else
        session_bye(s, "idle", HUB_BUSY_RETRY_MS);
}

struct session *session_open(struct hub *h, uint64_t conn, struct str addr) {
    struct session *s = mem_zalloc(sizeof *s);
    s->h = h;
    s->conn = conn;
    STR_COPY(s->addr, addr);
    s->heard_us = h->now_us;
    list_init(&s->link);
    map_put(&h->sessions, conn, s);
    timer_set(h, &s->timer, h->now_us + (int64_t)HUB_JOIN_S * HUB_SECOND_US, on_deadline);
    return s;
}

/* Strangers are counted per address; a ticket that was let in makes one known. */
void session_settle(struct session *s, enum session_state state) {
    bool was = s->state == SESSION_FRESH || s->state == SESSION_LOADING;
    bool is = state == SESSION_FRESH || state == SESSION_LOADING;
    if (was && !is)
        hub_fresh_drop(s->h, s->addr);
    s->state = state;
}

void session_send(struct session *s, struct note *note) {
    if (s->state == SESSION_GONE)
        return;
    if (!s->h->ops.send(s->h->ops.ctx, s->conn, note)) {
        s->h->stats.notes_out++;
        return;
    }
    s->h->stats.closed_slow++;
    session_bye(s, "slow", HUB_BUSY_RETRY_MS);
}

void session_tell(struct session *s, struct buf *b) {
    struct note *n = note_of(b);
    session_send(s, n);
    note_drop(n);
}

void session_error(struct session *s, uint64_t id, int err, const char *text) {
    struct buf b;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_error(&b, id, err, text, NULL, err == -ERR_BUSY ? HUB_BUSY_RETRY_MS : 0);
    session_tell(s, &b);
}

void session_bye(struct session *s, const char *reason, int64_t retry_ms) {
    struct buf b;
    if (s->state == SESSION_GONE)
        return;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_bye(&b, reason, retry_ms);
    struct note *bye = note_of(&b);
    s->h->stats.notes_out++;
    LOG_DEBUG("session closed conn=%llu reason=%s", (unsigned long long)s->conn, reason);
    s->h->ops.close(s->h->ops.ctx, s->conn, bye, reason);
    note_drop(bye);
    session_part(s);
}

void session_part(struct session *s) {
    struct seat *seat = s->seat;
    if (s->state == SESSION_GONE)
        return;
    session_settle(s, SESSION_GONE);
    timer_drop(s->h, &s->timer);
    map_drop(&s->h->sessions, s->conn);
    list_drop(&s->link);
    list_put(&s->h->gone, &s->link);
    s->seat = NULL;
    s->live = NULL;
    s->is_ready = false;
    if (!seat || seat->session != s)
        return;
    seat->session = NULL;
    seat_lost(seat, (int64_t)HUB_GRACE_S * HUB_SECOND_US);
}

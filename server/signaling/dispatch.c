/* dispatch — one text from a socket: decoded, its rate counted, handed to whoever handles its type. */
#include "media/base/log.h"
#include "server/signaling/alias.h"
#include "server/signaling/captioning.h"
#include "server/signaling/finder.h"
#include "server/signaling/lines.h"
#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"
#include "server/signaling/stalls.h"
#include "server/signaling/studio.h"

static void on_join(struct session *s, const struct msg *m) {
    struct hub *h = s->h;
    if (s->state != SESSION_FRESH) {
        session_error(s, m->id, -ERR_CONFLICT, "This connection has joined already.");
        return;
    }
    int err = hub_ticket(h, &s->ticket, m->ticket);
    if (err || !room_id_ok(str_of(s->ticket.room)) || !room_id_ok(str_of(s->ticket.sub))) {
        session_error(s, m->id, err ? err : -ERR_AUTH,
                      err == -ERR_EXPIRED ? "The ticket is over."
                                          : "The ticket is not one of this server's.");
        return;
    }
    s->since = m->since;
    s->join_id = m->id;
    struct live *l = h->is_stopping ? NULL : hub_live(h, s->ticket.room);
    if (!l) {
        session_error(s, m->id, -ERR_BUSY, "Too many rooms are live.");
        return;
    }
    s->live = l;
    session_settle(s, SESSION_LOADING);
    list_put(&l->loading, &s->link);
    if (l->state == LIVE_UP)
        seat_enter(l, s);
}

static void on_ping(struct session *s, const struct msg *m) {
    struct buf b;
    (void)m;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_pong(&b, s->h->now_ms, s->is_ready ? s->live->committed : 0);
    session_tell(s, &b);
}

static void on_command(struct session *s, const struct msg *m) {
    struct live *l = s->live;
    const char *why = NULL;
    char alias[ROOM_ID_MAX + 1];
    alias_of(l, m->cmd.n ? m->cmd.n : l->room.seq + 1, s->seat->id, alias);
    int err = live_apply(l, &(struct actor){false, s->seat->id, alias}, &m->cmd, &why);
    if (!err && m->cmd.type == CMD_REACT)
        tally_react(l, m->cmd.n);
    if (err) {
        session_error(s, m->id, err, why);
    } else if (m->id) {
        struct buf b;
        buf_init(&b, NOTE_MAX_BYTES);
        proto_ok(&b, m->id, l->room.seq);
        struct item *it = live_queue(l, ITEM_SEND);
        it->conn = s->conn;
        it->note = note_of(&b);
    }
    live_flush(l);
}

static void (*const handlers[MSG_COUNT])(struct session *, const struct msg *) = {
    [MSG_COMMAND] = on_command,         [MSG_JOIN] = on_join,         [MSG_PING] = on_ping,
    [MSG_PUBLISH] = studio_publish,     [MSG_VIEW] = studio_view,     [MSG_RESTART] = studio_restart,
    [MSG_UNPUBLISH] = studio_unpublish, [MSG_WANT] = studio_want,     [MSG_AUDIO_ONLY] = studio_audio_only,
    [MSG_LINE] = lines_on_page,         [MSG_DRAW] = studio_draw,     [MSG_SAVE] = studio_save,
    [MSG_POINT] = laser_point,          [MSG_FIND] = finder_find,     [MSG_AROUND] = finder_around,
    [MSG_CAPTIONING] = captioning_tell, [MSG_LISTEN] = booths_listen, [MSG_STALL] = stalls_on_page,
};

static void refuse_malformed(struct session *s, const struct msg *m, int err, const char *field) {
    struct buf b;
    s->h->stats.refused_invalid++;
    if (++s->invalid > SESSION_INVALID_MAX) {
        session_bye(s, "invalid", 0);
        return;
    }
    buf_init(&b, NOTE_MAX_BYTES);
    proto_error(&b, m->id, err,
                err == -ERR_UNSUPPORTED ? "There is no such type of message."
                : err == -ERR_TOO_LARGE ? "A message of this type is not that long."
                : field                 ? "This field is missing, malformed or over its limit."
                                        : "This is not one JSON object within the limits.",
                field, 0);
    session_tell(s, &b);
}

static bool in_rate(struct session *s, const struct msg *m) {
    struct buf b;
    int64_t wait_ms = rate_take(&s->buckets[m->rate], m->rate, s->h->now_us);
    if (!wait_ms)
        return true;
    s->h->stats.refused_rate++;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_error(&b, m->id, -ERR_RATE, "Too fast.", NULL, wait_ms);
    session_tell(s, &b);
    return false;
}

void dispatch_text(struct session *s, struct str text) {
    struct msg m;
    const char *field;
    int err = proto_decode(&m, text, &field);
    if (err)
        refuse_malformed(s, &m, err, field);
    else if (!in_rate(s, &m))
        LOG_DEBUG("over its rate conn=%llu class=%s", (unsigned long long)s->conn, rate_name(m.rate));
    else if (s->state != SESSION_SEATED && m.type != MSG_JOIN && m.type != MSG_PING)
        session_error(s, m.id, -ERR_AUTH, "Join a room first.");
    else
        handlers[m.type](s, &m);
    proto_fini(&m);
}

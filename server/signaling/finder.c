#include "server/signaling/finder.h"

#include "media/base/mem.h"
#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"
#include "server/signaling/snap.h"

static void answer(struct session *s, const struct hub_finding *f, const struct found *v, size_t n,
                   uint64_t next) {
    struct buf b;
    bool is_there = !f->query.around;
    for (size_t i = 0; i < n; i++)
        is_there |= v[i].c.seq == f->query.around;
    if (!is_there) {
        session_error(s, f->id, -ERR_MISSING, "There is no such message any more.");
        return;
    }
    buf_init(&b, NOTE_MAX_BYTES);
    const struct room *r = &s->live->room;
    snap_found(&b, f->id, &(struct snap_found){r, names_blind(r, room_member(r, s->seat->id)), v, n, next});
    session_tell(s, &b);
}

static void look_in_memory(struct session *s, const struct hub_finding *f) {
    struct find find;
    find_init(&find, &f->query);
    find_in_room(&find, &s->live->room);
    answer(s, f, find.v, find.n, find.next);
    find_fini(&find);
}

static void look(struct session *s, const struct msg *m, struct hub_finding *f) {
    struct live *l = s->live;
    const struct hub_ops *ops = &s->h->ops;
    const struct member *me = room_present(&l->room, s->seat->id);
    if (!me) {
        session_error(s, m->id, -ERR_DENIED, "You are not in the room yet.");
        return;
    }
    if (!f->query.around && !f->query.text[0]) {
        session_error(s, m->id, -ERR_INVALID, "Around which message?");
        return;
    }
    if (s->is_finding) {
        session_error(s, m->id, -ERR_BUSY, "One search after the other.");
        return;
    }
    STR_COPY(f->room, str_of(l->id));
    f->conn = s->conn;
    f->id = m->id;
    find_reader_of(&f->query.reader, &l->room, me);
    if (l->room.cfg.format->keep != KEEP_ALL) {
        look_in_memory(s, f);
        return;
    }
    s->is_finding = true;
    ops->find(ops->ctx, f);
}

void finder_find(struct session *s, const struct msg *m) {
    struct hub_finding f = {.query.before = m->cmd.n};
    if (!find_text_ok(m->cmd.text) || !STR_COPY(f.query.text, m->cmd.text)) {
        session_error(s, m->id, -ERR_INVALID, "One looks for 1 to 100 characters.");
        return;
    }
    look(s, m, &f);
}

void finder_around(struct session *s, const struct msg *m) {
    struct hub_finding f = {.query.around = m->cmd.n};
    look(s, m, &f);
}

/* Who may read what is asked again: somebody may have been moved or lost a right meanwhile. */
void hub_on_found(struct hub *h, const struct hub_finding *f, int err, const struct found *v, size_t n,
                  uint64_t next) {
    struct session *s = map_get(&h->sessions, f->conn);
    if (!s || s->state != SESSION_SEATED || !s->live || strcmp(s->live->id, f->room) != 0)
        return;
    s->is_finding = false;
    const struct member *me = s->seat ? room_present(&s->live->room, s->seat->id) : NULL;
    if (err || !me) {
        session_error(s, f->id, err ? -ERR_BUSY : -ERR_DENIED, NULL);
        hub_sweep(h);
        return;
    }
    struct find_reader now;
    struct found *may = mem_zalloc((n + 1) * sizeof *may);
    size_t count = 0;
    find_reader_of(&now, &s->live->room, me);
    for (size_t i = 0; i < n; i++)
        if (find_may_read(&now, &v[i]))
            may[count++] = v[i];
    answer(s, f, may, count, next);
    mem_free(may);
    hub_sweep(h);
}

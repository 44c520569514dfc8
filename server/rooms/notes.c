#include "server/rooms/notes.h"

#include "media/base/mem.h"
#include "server/rooms/parts.h"

/* ---- deciding ---- */

int notes_note(struct decision *d) {
    const struct notes *s = &d->r->notes;
    struct str data = d->cmd->text;
    if (!room_data_ok(data))
        return decision_refuse(d, -ERR_INVALID, "An update of the notes is 1 to 48,000 bytes in base64.");
    if (s->count >= NOTES_UPDATES_MAX || s->bytes + data.n > NOTES_DATA_MAX)
        return decision_refuse(d, -ERR_FULL, "The notes are full.");
    decision_put(d, EV_NOTE, "")->text = room_dup(data);
    return 0;
}

/* How much the updates up to n take, or 0 when there is none of that number. */
static size_t bytes_until(const struct notes *s, uint64_t n) {
    size_t bytes = 0;
    list_each (&s->updates, u, struct note_update, link) {
        bytes += strlen(u->data);
        if (u->n == n)
            return bytes;
    }
    return 0;
}

int notes_whole(struct decision *d) {
    const struct notes *s = &d->r->notes;
    struct str data = d->cmd->text;
    uint64_t n = d->cmd->n;
    if (!room_data_ok(data))
        return decision_refuse(d, -ERR_INVALID, "The notes as a whole are 1 to 48,000 bytes in base64.");
    if (n && n <= s->whole_n) /* somebody else was first */
        return 0;
    size_t gone = bytes_until(s, n);
    if (!gone)
        return decision_refuse(d, -ERR_MISSING, "There is no such update of the notes.");
    if (s->bytes - gone - strlen(s->whole) + data.n > NOTES_DATA_MAX)
        return decision_refuse(d, -ERR_FULL, "The notes are full.");
    struct event *e = decision_put(d, EV_NOTE_WHOLE, "");
    e->n = n;
    e->text = room_dup(data);
    return 0;
}

/* ---- evolving ---- */

static void forget(struct notes *s, struct note_update *u) {
    s->count--;
    s->bytes -= strlen(u->data);
    list_drop(&u->link);
    mem_free(u->data);
    mem_free(u);
}

void notes_evolve(struct room *r, struct member *m, const struct event *e) {
    struct notes *s = &r->notes;
    (void)m;
    if (!e->seq || !e->text.n || s->count >= NOTES_UPDATES_MAX || s->bytes + e->text.n > NOTES_DATA_MAX)
        return;
    struct note_update *u = mem_zalloc(sizeof *u);
    u->n = e->seq;
    u->data = mem_strndup(e->text.p, e->text.n);
    list_put(&s->updates, &u->link);
    s->count++;
    s->bytes += e->text.n;
}

void notes_evolve_whole(struct room *r, struct member *m, const struct event *e) {
    struct notes *s = &r->notes;
    (void)m;
    if (!e->seq || !e->text.n || !e->n || e->n <= s->whole_n || e->text.n > ROOM_DATA_MAX)
        return;
    list_each (&s->updates, u, struct note_update, link) {
        if (u->n <= e->n)
            forget(s, u);
    }
    s->bytes -= strlen(s->whole);
    mem_free(s->whole);
    s->whole = mem_strndup(e->text.p, e->text.n);
    s->bytes += e->text.n;
    s->whole_n = e->n;
    s->whole_at = e->seq;
}

/* ---- as every feature ---- */

void notes_init(struct room *r) {
    r->notes = (struct notes){.whole = mem_strdup("")};
    list_init(&r->notes.updates);
}

void notes_fini(struct room *r) {
    list_each (&r->notes.updates, u, struct note_update, link) {
        forget(&r->notes, u);
    }
    mem_free(r->notes.whole);
}

void notes_dump(const struct room *r, struct buf *b) {
    const struct notes *s = &r->notes;
    if (s->whole_n)
        buf_printf(b, "notes %llu@%llu %s\n", (unsigned long long)s->whole_n, (unsigned long long)s->whole_at,
                   s->whole);
    list_each (&s->updates, u, struct note_update, link) {
        buf_printf(b, "note %llu %s\n", (unsigned long long)u->n, u->data);
    }
}

void notes_image(const struct image *i, const struct room *r) {
    const struct notes *s = &r->notes;
    if (s->whole_n)
        image_put(i,
                  &(struct event){
                      .seq = s->whole_at, .type = EV_NOTE_WHOLE, .n = s->whole_n, .text = str_of(s->whole)});
    list_each (&s->updates, u, struct note_update, link) {
        image_put(i, &(struct event){.seq = u->n, .type = EV_NOTE, .text = str_of(u->data)});
    }
}

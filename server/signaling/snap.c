#include "server/signaling/snap.h"

#include "server/rooms/find.h"
#include "server/rooms/parts.h"
#include "server/signaling/codec.h"

static const char *const state_names[] = {
    [POLL_DRAFT] = "draft", [POLL_OPEN] = "open", [POLL_CLOSED] = "closed"};

static void put_tally(struct json *j, const struct poll *p) {
    struct poll_tally t;
    poll_tally_get(p, &t);
    json_set_int(j, "answers", (int64_t)t.answers);
    json_set(j, "counts", codec_numbers(&t.counts));
    if (p->kind == POLL_WORDS)
        json_set(j, "groups", codec_lines(t.groups));
    poll_tally_fini(&t);
}

static struct json *poll_object(const struct poll *p, bool is_poller) {
    struct json *j = json_object();
    json_set_int(j, "n", (int64_t)p->n);
    json_set_z(j, "kind", poll_kind_name(p->kind));
    json_set_z(j, "state", state_names[p->state]);
    json_set_z(j, "text", p->question);
    json_set_bool(j, "anonymous", p->is_anonymous);
    json_set_bool(j, "shown", p->is_shown);
    if (p->option_count)
        json_set(j, "options", codec_lines(str_of(p->options)));
    if (p->steps)
        json_set_int(j, "steps", (int64_t)p->steps);
    if (p->points)
        json_set_int(j, "points", (int64_t)p->points);
    if (p->right && (is_poller || p->is_shown))
        json_set(j, "right", codec_set(p->right));
    if (p->is_shown || (is_poller && p->state == POLL_CLOSED))
        put_tally(j, p);
    return j;
}

/* The first of those to tell of: the last SNAP_POLLS_MAX that were opened, and for who runs them all drafts.
 */
static size_t skipped(const struct room *r) {
    size_t opened = 0;
    list_each (&r->polls, p, struct poll, link) {
        opened += p->state != POLL_DRAFT;
    }
    return opened > SNAP_POLLS_MAX ? opened - SNAP_POLLS_MAX : 0;
}

struct json *snap_polls(const struct room *r, bool is_poller) {
    struct json *a = json_array();
    size_t skip = skipped(r);
    list_each (&r->polls, p, struct poll, link) {
        bool is_draft = p->state == POLL_DRAFT;
        if (is_draft ? is_poller : skip == 0)
            json_add(a, poll_object(p, is_poller));
        skip -= !is_draft && skip > 0;
    }
    return a;
}

struct json *snap_answers(const struct proto_welcome *w) {
    struct json *list = json_array();
    size_t skip = skipped(w->room);
    list_each (&w->room->polls, p, struct poll, link) {
        char alias[ROOM_ID_MAX + 1] = "";
        if (p->state == POLL_DRAFT)
            continue;
        if (skip) {
            skip--;
            continue;
        }
        if (p->is_anonymous)
            w->alias(w->alias_ctx, p->n, w->you->id, alias);
        const struct poll_answer *a = poll_answer_of(p, p->is_anonymous ? alias : w->you->id);
        if (!a)
            continue;
        struct json *j = json_object();
        json_set_int(j, "n", (int64_t)p->n);
        if (a->words)
            json_set_z(j, "text", a->words);
        else
            json_set(j, "picks", codec_numbers(&a->picks));
        json_add(list, j);
    }
    return list;
}

void snap_tally(struct buf *b, const struct room *r) {
    struct json *j = json_object(), *polls = json_array();
    json_set_z(j, "type", "tally");
    list_each (&r->polls, p, struct poll, link) {
        if (p->state != POLL_OPEN)
            continue;
        struct json *one = json_object();
        json_set_int(one, "n", (int64_t)p->n);
        put_tally(one, p);
        json_add(polls, one);
    }
    json_set(j, "polls", polls);
    json_write(j, b);
    json_free(j);
}

/* ---- questions ---- */

static struct json *question_object(const struct room *r, const struct member *blind,
                                    const struct question *q) {
    struct json *j = json_object();
    char name[ROOM_NAME_MAX + 1];
    names_told(r, blind, q->by, q->name, name);
    json_set_int(j, "n", (int64_t)q->n);
    json_set_int(j, "at", q->at_ms);
    if (name[0])
        json_set_z(j, "name", name);
    json_set_z(j, "text", q->text);
    json_set_z(j, "state", ask_state_name(q->state));
    if (q->answer[0])
        json_set_z(j, "answer", q->answer);
    json_set_int(j, "votes", (int64_t)q->vote_count);
    if (q->is_unseen)
        json_set_bool(j, "waits", true);
    return j;
}

static bool ask_shows(const struct question *q, uint32_t can) {
    return q->is_unseen ? can & CAN_MODERATE : q->state != ASK_DISMISSED || (can & CAN_ANSWER);
}

struct json *snap_asks(const struct room *r, const struct member *blind, uint32_t can) {
    struct json *a = json_array();
    size_t bytes = 0;
    const struct list *from = r->asks.prev;
    for (; from != &r->asks; from = from->prev) {
        const struct question *q = list_entry(from, struct question, link);
        bytes += ask_shows(q, can) ? strlen(q->text) + strlen(q->answer) : 0;
        if (bytes > SNAP_ASKS_BYTES)
            break;
    }
    for (from = from->next; from != &r->asks; from = from->next) {
        const struct question *q = list_entry(from, struct question, link);
        if (ask_shows(q, can))
            json_add(a, question_object(r, blind, q));
    }
    return a;
}

static bool is_by(const struct proto_welcome *w, const struct question *q) {
    char alias[ROOM_ID_MAX + 1] = "";
    if (q->by[0] == '.')
        w->alias(w->alias_ctx, q->n, w->you->id, alias);
    return !strcmp(q->by, alias[0] ? alias : w->you->id);
}

struct json *snap_asks_own(const struct proto_welcome *w) {
    struct json *a = json_array();
    list_each (&w->room->asks, q, struct question, link) {
        if (q->is_unseen && is_by(w, q))
            json_add(a, question_object(w->room, NULL, q));
    }
    return a;
}

struct json *snap_asked(const struct proto_welcome *w) {
    struct json *a = json_array();
    list_each (&w->room->asks, q, struct question, link) {
        if (is_by(w, q))
            json_add_int(a, (int64_t)q->n);
    }
    return a;
}

struct json *snap_voted(const struct proto_welcome *w) {
    struct json *a = json_array();
    list_each (&w->room->asks, q, struct question, link) {
        if (smap_get(&q->by_voter, str_of(w->you->id)))
            json_add_int(a, (int64_t)q->n);
    }
    return a;
}

void snap_votes(struct buf *b, const struct room *r, const uint64_t *v, size_t n) {
    struct json *j = json_object(), *asks = json_array();
    json_set_z(j, "type", "votes");
    for (size_t i = 0; i < n; i++) {
        const struct question *q = ask_find(r, v[i]);
        struct json *one = q ? json_object() : NULL;
        if (!q)
            continue;
        json_set_int(one, "n", (int64_t)q->n);
        json_set_int(one, "votes", (int64_t)q->vote_count);
        json_add(asks, one);
    }
    json_set(j, "asks", asks);
    json_write(j, b);
    json_free(j);
}

struct json *snap_timer(const struct room *r, const struct member *blind) {
    char name[ROOM_NAME_MAX + 1];
    names_told(r, blind, r->timer.who, r->timer.name, name);
    struct json *j = json_object();
    json_set_int(j, "at", r->timer.at_ms);
    json_set_int(j, "seconds", (int64_t)r->timer.seconds);
    json_set_z(j, "who", r->timer.who);
    json_set_z(j, "name", name);
    json_set_z(j, "text", r->timer.text);
    return j;
}

/* ---- slides ---- */

struct json *snap_slides(const struct room *r) {
    struct json *j = json_object(), *decks = json_array();
    list_each (&r->slides.decks, d, struct deck, link) {
        struct json *one = json_object();
        json_set_int(one, "n", (int64_t)d->n);
        json_set_z(one, "file", d->file);
        json_set_z(one, "text", d->title);
        json_set_int(one, "pages", (int64_t)d->pages);
        json_set_int(one, "page", (int64_t)d->page);
        if (d->is_open)
            json_set_bool(one, "open", true);
        json_add(decks, one);
    }
    json_set(j, "decks", decks);
    json_set_int(j, "shown", (int64_t)r->slides.shown);
    return j;
}

struct json *snap_video(const struct room *r) {
    const struct film *v = &r->film;
    struct json *j = json_object(), *clips = json_array();
    list_each (&v->clips, c, struct clip, link) {
        struct json *one = json_object();
        json_set_int(one, "n", (int64_t)c->n);
        json_set_z(one, "file", c->file);
        json_set_z(one, "text", c->title);
        json_set_int(one, "length", (int64_t)c->length_ms);
        json_add(clips, one);
    }
    json_set(j, "clips", clips);
    json_set_int(j, "shown", (int64_t)v->shown);
    if (v->shown) {
        json_set_bool(j, "on", v->is_playing);
        json_set_int(j, "position", (int64_t)v->position_ms);
        json_set_int(j, "rate", (int64_t)v->rate);
        json_set_int(j, "at", v->at_ms);
    }
    return j;
}

struct json *snap_ink(const struct room *r) {
    struct json *a = json_array();
    list_each (&r->ink.marks, m, struct mark, link) {
        struct json *j = json_object();
        json_set_int(j, "n", (int64_t)m->n);
        json_set_int(j, "deck", (int64_t)m->deck);
        json_set_int(j, "page", (int64_t)m->page);
        json_set_z(j, "by", m->by);
        json_set_z(j, "ink", m->ink);
        if (m->words[0])
            json_set_z(j, "text", m->words);
        json_add(a, j);
    }
    return a;
}

/* ---- tables ---- */

static struct json *table_cards(const struct tables *t) {
    struct json *cards = json_array();
    for (unsigned n = 1; n <= t->count; n++) {
        const struct table_card *one = &t->v[n - 1];
        struct json *j = json_object();
        json_set_int(j, "n", n);
        json_set_z(j, "name", one->name);
        json_set_z(j, "text", one->text);
        json_set_z(j, "help", one->help);
        json_add(cards, j);
    }
    return cards;
}

struct json *snap_tables(const struct room *r) {
    struct json *j = json_object(), *voices = json_array();
    json_set_int(j, "count", r->tables.count);
    json_set_bool(j, "free", r->tables.is_free);
    json_set_bool(j, "open", r->tables.is_open);
    json_set_int(j, "at", r->tables.opened_ms);
    json_set_int(j, "seconds", (int64_t)r->tables.seconds);
    json_set(j, "cards", table_cards(&r->tables));
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        if (m->table_voice)
            json_add_str(voices, str_of(m->id));
    }
    json_set(j, "voices", voices);
    return j;
}

/* ---- captions ---- */

struct json *snap_captions(const struct room *r) {
    struct json *a = json_array();
    size_t i = r->captions.count > CAPTIONS_TOLD ? r->captions.count - CAPTIONS_TOLD : 0;
    for (; i < r->captions.count; i++) {
        const struct caption *c = captions_at(&r->captions, i);
        if (!c->text)
            continue;
        struct json *j = json_object();
        json_set_int(j, "seq", (int64_t)c->seq);
        json_set_int(j, "at", c->at_ms);
        json_set_z(j, "by", c->by);
        json_set_z(j, "lang", c->lang);
        json_set_z(j, "text", c->text);
        if (c->ago_ms)
            json_set_int(j, "ago", (int64_t)c->ago_ms);
        json_add(a, j);
    }
    return a;
}

/* ---- notes ---- */

struct json *snap_notes(const struct room *r) {
    struct json *j = json_object(), *updates = json_array();
    if (r->notes.whole_n) {
        json_set_int(j, "n", (int64_t)r->notes.whole_n);
        json_set_z(j, "whole", r->notes.whole);
    }
    list_each (&r->notes.updates, u, struct note_update, link) {
        struct json *one = json_object();
        json_set_int(one, "n", (int64_t)u->n);
        json_set_z(one, "update", u->data);
        json_add(updates, one);
    }
    json_set(j, "updates", updates);
    return j;
}

/* ---- channels ---- */

static struct json *interpreter(const struct room *r, const struct member *blind, const struct member *m) {
    struct json *j = json_object(), *langs = json_array();
    char name[ROOM_NAME_MAX + 1];
    names_told(r, blind, m->id, m->name, name);
    for (unsigned i = 0; i < CHANNELS_EACH && m->interprets.lang[i][0]; i++)
        json_add_str(langs, str_of(m->interprets.lang[i]));
    json_set_z(j, "who", m->id);
    json_set_z(j, "name", name);
    json_set(j, "langs", langs);
    json_set_bool(j, "mic", m->sources & 1U << MEDIA_MIC);
    return j;
}

struct json *snap_channels(const struct room *r, const struct member *blind) {
    struct json *j = json_object(), *langs = json_array(), *people = json_array();
    for (unsigned i = 0; i < r->channels.count; i++) {
        struct json *one = json_object();
        json_set_z(one, "lang", r->channels.v[i].lang);
        json_set_z(one, "air", r->channels.v[i].air);
        json_add(langs, one);
    }
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        if (member_interprets(m))
            json_add(people, interpreter(r, blind, m));
    }
    json_set(j, "langs", langs);
    json_set(j, "people", people);
    return j;
}

/* ---- chat ---- */

static struct json *message_object(const struct room *r, const struct member *blind,
                                   const struct room_chat *c) {
    char name[ROOM_NAME_MAX + 1];
    struct json *j = json_object();
    json_set_int(j, "seq", (int64_t)c->seq);
    json_set_int(j, "at", c->at_ms);
    names_told(r, blind, c->by, c->name, name);
    json_set_z(j, "by", c->by);
    json_set_z(j, "name", name);
    json_set_z(j, "text", c->text);
    if (c->re)
        json_set_int(j, "re", (int64_t)c->re);
    if (c->is_edited)
        json_set_bool(j, "edited", true);
    return j;
}

struct json *snap_chat(const struct room *r, const struct member *blind) {
    struct json *a = json_array();
    size_t first = r->chat_count, bytes = 0;
    while (first && (bytes += strlen(room_chat_at(r, first - 1)->text)) <= PROTO_CHAT_BYTES)
        first--;
    for (size_t i = first; i < r->chat_count; i++)
        json_add(a, message_object(r, blind, room_chat_at(r, i)));
    return a;
}

static struct json *direct_object(const struct room *r, const struct member *blind,
                                  const struct room_chat *c) {
    struct json *j = message_object(r, blind, c);
    if (c->table)
        json_set_int(j, "table", (int64_t)c->table);
    else if (c->who[0])
        json_set_z(j, "who", c->who);
    else
        json_set_bool(j, "hosts", true);
    return j;
}

static bool is_party(const struct proto_welcome *w, const struct room_chat *c) {
    bool leads = room_can(w->room, w->you) & CAN_MODERATE;
    if (c->table)
        return room_table_hears(w->room, w->you, c->table, c->seq);
    return !strcmp(c->by, w->you->id) || (c->who[0] ? !strcmp(c->who, w->you->id) : leads);
}

struct json *snap_direct(const struct proto_welcome *w) {
    struct json *a = json_array();
    size_t first = w->room->direct_count, bytes = 0;
    while (first && bytes <= PROTO_CHAT_BYTES) {
        const struct room_chat *c = room_direct_at(w->room, --first);
        bytes += is_party(w, c) ? strlen(c->text) : 0;
    }
    for (size_t i = first; i < w->room->direct_count; i++) {
        const struct room_chat *c = room_direct_at(w->room, i);
        if (!is_party(w, c))
            continue;
        json_add(a, direct_object(w->room, names_blind(w->room, w->you), c));
    }
    return a;
}

void snap_found(struct buf *b, uint64_t id, const struct snap_found *f) {
    struct json *j = json_object(), *lines = json_array();
    json_set_z(j, "type", "found");
    if (id)
        json_set_int(j, "id", (int64_t)id);
    for (size_t i = 0; i < f->n; i++)
        json_add(lines, f->v[i].is_private ? direct_object(f->room, f->blind, &f->v[i].c)
                                           : message_object(f->room, f->blind, &f->v[i].c));
    json_set(j, "lines", lines);
    if (f->next)
        json_set_int(j, "next", (int64_t)f->next);
    json_write(j, b);
    json_free(j);
}

struct json *snap_pin(const struct room *r, const struct member *blind) {
    const struct room_chat *c = chat_find(r, r->pin.n);
    char name[ROOM_NAME_MAX + 1];
    names_told(r, blind, c ? c->by : "", r->pin.name, name);
    struct json *j = json_object();
    json_set_int(j, "n", (int64_t)r->pin.n);
    json_set_z(j, "name", name);
    json_set_z(j, "text", r->pin.text);
    return j;
}

struct json *snap_rules(const struct room *r) {
    struct json *j = json_object();
    json_set_bool(j, "on", r->chat_hosts_only);
    json_set_int(j, "seconds", (int64_t)r->chat_slow_s);
    return j;
}

/* ---- order ---- */

struct json *snap_limits(const struct room *r) {
    struct json *j = json_object();
    for (int role = 0; role < ROLE_COUNT; role++)
        if (r->off[role])
            json_set(j, role_name((enum role)role), codec_cans(r->off[role]));
    return j;
}

struct json *snap_reports(const struct room *r) {
    struct json *a = json_array();
    list_each (&r->reports, p, struct room_report, link) {
        struct json *j = json_object();
        json_set_int(j, "n", (int64_t)p->n);
        json_set_int(j, "at", p->at_ms);
        json_set_z(j, "by", p->by);
        json_set_z(j, "who", p->who);
        json_set_z(j, "name", p->name);
        json_set_z(j, "text", p->text);
        json_add(a, j);
    }
    return a;
}

struct json *snap_banned(const struct room *r) {
    struct json *a = json_array();
    list_each (&r->members[MEMBER_BANNED], m, struct member, link) {
        struct json *j = json_object();
        json_set_z(j, "id", m->id);
        json_set_z(j, "name", m->name);
        json_add(a, j);
    }
    return a;
}

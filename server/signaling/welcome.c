/* welcome — what a newcomer is told: himself, the room, what he may do, and the state to start from. */
#include "server/signaling/note.h"
#include "server/signaling/proto.h"

static struct json *can_object(const struct format *f, enum role role) {
    struct json *can = json_object();
    for (int i = 0; i < CAN_COUNT; i++)
        if (f->can[role] & 1U << i)
            json_set_bool(can, can_name((enum can_bit)i), true);
    return can;
}

void proto_can(struct buf *b, const struct format *f, enum role role) {
    struct json *j = json_object();
    json_set_z(j, "type", "can");
    json_set_z(j, "role", role_name(role));
    json_set(j, "can", can_object(f, role));
    json_write(j, b);
    json_free(j);
}

static struct json *source_array(uint32_t bits) {
    struct json *a = json_array();
    for (unsigned s = 0; s < MEDIA_SOURCE_COUNT; s++)
        if (bits & 1U << s)
            json_add_str(a, str_of(media_source_name((enum media_source)s)));
    return a;
}

static struct json *person(const struct member *m) {
    struct json *j = json_object();
    json_set_z(j, "id", m->id);
    json_set_z(j, "name", m->name);
    json_set_z(j, "role", role_name(m->role));
    return j;
}

static struct json *member_object(const struct member *m) {
    struct json *j = person(m);
    json_set_bool(j, "stage", m->staged);
    json_set_bool(j, "invited", m->invited);
    json_set(j, "sources", source_array(m->sources));
    json_set(j, "muted", source_array(m->muted));
    json_set_int(j, "hand", (int64_t)m->hand_seq);
    json_set_int(j, "joined_at", m->joined_ms);
    return j;
}

/* The newest messages, as many as may be told to everybody who comes into a big room. */
static struct json *chat_array(const struct room *r) {
    struct json *a = json_array();
    size_t first = r->chat_count, bytes = 0;
    while (first && (bytes += strlen(room_chat_at(r, first - 1)->text)) <= PROTO_CHAT_BYTES)
        first--;
    for (size_t i = first; i < r->chat_count; i++) {
        const struct room_chat *c = room_chat_at(r, i);
        struct json *j = json_object();
        json_set_int(j, "seq", (int64_t)c->seq);
        json_set_int(j, "at", c->at_ms);
        json_set_z(j, "by", c->by);
        json_set_z(j, "name", c->name);
        json_set_z(j, "text", c->text);
        json_add(a, j);
    }
    return a;
}

void proto_cache_init(struct proto_cache *c) {
    *c = (struct proto_cache){.has_chat = false};
    buf_init(&c->chat, NOTE_MAX_BYTES);
    buf_init(&c->people, NOTE_MAX_BYTES);
}

void proto_cache_fini(struct proto_cache *c) {
    buf_fini(&c->chat);
    buf_fini(&c->people);
}

static bool is_seen(const struct member *m) { return m->staged || m->role >= ROLE_COHOST; }

/* Who is in it: everybody, or those all must know and one more (or NULL). */
struct audience {
    bool is_partial, is_mod;
    const struct member *you;
};

static bool is_in(const struct audience *a, const struct member *m) {
    return !a->is_partial || is_seen(m) || m == a->you;
}

/* "stage":[…],"hands":[…],"waiting":[…],"members":[… without its end. */
static void put_people(struct buf *b, const struct room *r, const struct audience *a) {
    struct json *stage = json_array(), *hands = json_array(), *waiting = json_array(),
                *members = json_array();
    struct json *j = json_object();
    list_each (&r->stage, m, struct member, stage_link) {
        json_add_str(stage, str_of(m->id));
    }
    list_each (&r->hands, m, struct member, hand_link) {
        if (is_in(a, m))
            json_add_str(hands, str_of(m->id));
    }
    if (a->is_mod)
        list_each (&r->members[MEMBER_WAITING], m, struct member, link) {
            json_add(waiting, person(m));
        }
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        if (is_in(a, m))
            json_add(members, member_object(m));
    }
    json_set(j, "stage", stage);
    json_set(j, "hands", hands);
    json_set(j, "waiting", waiting);
    json_set(j, "members", members);
    size_t from = b->n;
    json_write(j, b);
    json_free(j);
    if (b->over)
        return;
    memmove(b->p + from, b->p + from + 1, b->n - from); /* without the braces and the last bracket */
    b->n -= 3;
}

static struct str chat_text(const struct proto_welcome *w) {
    struct proto_cache *c = w->cache;
    if (!c->has_chat) {
        struct json *chat = chat_array(w->room);
        buf_reset(&c->chat);
        json_write(chat, &c->chat);
        json_free(chat);
        c->has_chat = true;
    }
    return buf_view(&c->chat);
}

/* In a big room a newcomer is the only one who is not told of to everybody alike. */
static void put_crowd(struct buf *b, const struct proto_welcome *w) {
    struct proto_cache *c = w->cache;
    if (!c->has_people) {
        buf_reset(&c->people);
        put_people(&c->people, w->room, &(struct audience){.is_partial = true});
        c->has_people = true;
    }
    if (w->you->hand_seq && !is_seen(w->you)) { /* it has its place among the others */
        put_people(b, w->room, &(struct audience){.is_partial = true, .you = w->you});
        return;
    }
    buf_str(b, buf_view(&c->people));
    if (is_seen(w->you))
        return;
    struct json *you = member_object(w->you);
    if (b->n && b->p[b->n - 1] != '[')
        buf_z(b, ",");
    json_write(you, b);
    json_free(you);
}

static void put_snapshot(struct buf *b, const struct proto_welcome *w) {
    const struct room *r = w->room;
    bool is_mod = room_can(r, w->you) & CAN_MODERATE, is_partial = w->is_partial && !is_mod;
    struct json *j = json_object();
    json_set_z(j, "life", life_name(r->life));
    json_set_int(j, "opened_at", r->opened_ms);
    json_set_bool(j, "lobby", r->lobby);
    json_set_bool(j, "locked", r->locked);
    json_set_bool(j, "recording", r->recording);
    json_set_int(j, "recording_at", r->recording ? r->recording_ms : 0);
    json_set_z(j, "spotlight", r->spotlight);
    json_set_int(j, "count", (int64_t)r->count[MEMBER_PRESENT]);
    json_set_bool(j, "partial", is_partial);
    json_write(j, b);
    json_free(j);
    if (b->n)
        b->n--; /* it goes on */
    buf_z(b, ",");
    if (is_partial)
        put_crowd(b, w);
    else
        put_people(b, r, &(struct audience){.is_mod = is_mod});
    buf_z(b, "],\"chat\":");
    buf_str(b, chat_text(w));
    buf_z(b, "}");
}

static struct json *room_object(const struct proto_welcome *w) {
    const struct format *f = w->room->cfg.format;
    struct json *j = json_object();
    json_set_str(j, "title", w->title);
    json_set_z(j, "format", f->id);
    if (w->you->state != MEMBER_PRESENT)
        return j;
    json_set_z(j, "id", w->room_id);
    json_set(j, "can", can_object(f, w->you->role));
    json_set_int(j, "stage_max", f->stage_max);
    json_set_int(j, "video_slots", f->video_slots);
    json_set_z(j, "record", record_policy_name(w->room->cfg.record));
    return j;
}

void proto_welcome(struct buf *b, const struct proto_welcome *w) {
    bool is_in = w->you->state == MEMBER_PRESENT;
    struct json *j = json_object(), *ice = NULL, *media;
    json_set_z(j, "type", "welcome");
    if (w->id)
        json_set_int(j, "id", (int64_t)w->id);
    json_set_z(j, "state", is_in ? "in" : "waiting");
    json_set(j, "you", person(w->you));
    json_set(j, "room", room_object(w));
    if (is_in) {
        json_set_int(j, "seq", (int64_t)w->seq);
        json_set_bool(j, "resumed", w->is_resumed);
        media = json_object();
        json_set_bool(media, "publish", w->has_publish);
        json_set_bool(media, "view", w->has_view);
        json_set(j, "media", media);
        json_set(j, "ice", w->ice.n && !json_parse(&ice, w->ice) ? ice : json_array());
    }
    json_set_int(j, "now", w->now_ms);
    json_set_int(j, "ping_s", w->ping_s);
    json_write(j, b);
    json_free(j);
    if (!is_in || w->is_resumed || !b->n)
        return;
    b->n--;
    buf_z(b, ",\"snapshot\":");
    put_snapshot(b, w);
    buf_z(b, "}");
}

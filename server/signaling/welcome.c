/* welcome — what a newcomer is told: himself, the room, what he may do, and the state to start from. */
#include "server/signaling/note.h"
#include "server/signaling/snap.h"

static struct json *can_object(const struct room *r, enum role role) {
    struct json *can = json_object();
    for (int i = 0; i < CAN_COUNT; i++)
        if (room_role_can(r, role) & 1U << i)
            json_set_bool(can, can_name((enum can_bit)i), true);
    return can;
}

void proto_can(struct buf *b, const struct room *r, enum role role) {
    struct json *j = json_object();
    json_set_z(j, "type", "can");
    json_set_z(j, "role", role_name(role));
    json_set(j, "can", can_object(r, role));
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

static struct json *person(const struct member *m, const char *name) {
    struct json *j = json_object();
    json_set_z(j, "id", m->id);
    json_set_z(j, "name", name);
    json_set_z(j, "role", role_name(m->role));
    return j;
}

static struct json *member_object(const struct member *m, const char *name) {
    struct json *j = person(m, name);
    json_set_bool(j, "stage", m->staged);
    json_set_bool(j, "invited", m->invited);
    json_set(j, "sources", source_array(m->sources));
    json_set(j, "muted", source_array(m->muted));
    json_set_int(j, "hand", (int64_t)m->hand_seq);
    json_set_int(j, "joined_at", m->joined_ms);
    if (m->table)
        json_set_int(j, "table", m->table);
    if (m->table_out)
        json_set_bool(j, "out", true);
    if (m->is_captioner)
        json_set_bool(j, "captioner", true);
    return j;
}

void proto_cache_init(struct proto_cache *c) {
    *c = (struct proto_cache){.has_chat = false};
    buf_init(&c->chat, NOTE_MAX_BYTES);
    buf_init(&c->people, NOTE_MAX_BYTES);
    buf_init(&c->polls, NOTE_MAX_BYTES);
    buf_init(&c->asks, NOTE_MAX_BYTES);
    buf_init(&c->ink, NOTE_MAX_BYTES);
    buf_init(&c->notes, NOTE_MAX_BYTES);
}

void proto_cache_fini(struct proto_cache *c) {
    buf_fini(&c->chat);
    buf_fini(&c->people);
    buf_fini(&c->polls);
    buf_fini(&c->asks);
    buf_fini(&c->ink);
    buf_fini(&c->notes);
}

static bool is_seen(const struct member *m) { return m->staged || m->role >= ROLE_COHOST; }

static const struct member *blind(const struct proto_welcome *w) { return names_blind(w->room, w->you); }

/* Who is in it: everybody, or (partial) those all must know and one more (or NULL). Where names are hidden
 * from that one: of the attendees those on stage and, unless partial, at tables. */
struct audience {
    bool is_partial, is_mod, is_blind;
    const struct member *you;
};

static bool is_in(const struct room *r, const struct audience *a, const struct member *m) {
    if (a->is_blind && m != a->you)
        return a->is_partial ? m->staged || names_known(r, m->id) : names_listed(r, m->id);
    return !a->is_partial || is_seen(m) || m == a->you;
}

/* "stage":[…],"hands":[…],"waiting":[…],"members":[… without its end. */
static void put_people(struct buf *b, const struct room *r, const struct audience *a) {
    struct json *stage = json_array(), *hands = json_array(), *waiting = json_array(),
                *members = json_array();
    struct json *j = json_object();
    char name[ROOM_NAME_MAX + 1];
    list_each (&r->stage, m, struct member, stage_link) {
        json_add_str(stage, str_of(m->id));
    }
    list_each (&r->hands, m, struct member, hand_link) {
        if (is_in(r, a, m))
            json_add_str(hands, str_of(m->id));
    }
    if (a->is_mod)
        list_each (&r->members[MEMBER_WAITING], m, struct member, link) {
            json_add(waiting, person(m, m->name));
        }
    list_each (&r->members[MEMBER_PRESENT], m, struct member, link) {
        names_told(r, a->is_blind ? a->you : NULL, m->id, m->name, name);
        if (is_in(r, a, m))
            json_add(members, member_object(m, name));
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
        struct json *chat = snap_chat(w->room, NULL);
        buf_reset(&c->chat);
        json_write(chat, &c->chat);
        json_free(chat);
        c->has_chat = true;
    }
    return buf_view(&c->chat);
}

static void put_json(struct buf *b, const char *key, struct json *j) {
    buf_z(b, key);
    json_write(j, b);
    json_free(j);
}

static void put_polls(struct buf *b, const struct proto_welcome *w) {
    struct proto_cache *c = w->cache;
    if (room_can(w->room, w->you) & CAN_POLL) {
        put_json(b, ",\"polls\":", snap_polls(w->room, true));
    } else {
        if (!c->has_polls) {
            buf_reset(&c->polls);
            put_json(&c->polls, ",\"polls\":", snap_polls(w->room, false));
            c->has_polls = true;
        }
        buf_str(b, buf_view(&c->polls));
    }
}

static void put_asks(struct buf *b, const struct proto_welcome *w) {
    struct proto_cache *c = w->cache;
    uint32_t can = room_can(w->room, w->you) & (CAN_ANSWER | CAN_MODERATE);
    if (can || blind(w)) {
        put_json(b, ",\"asks\":", snap_asks(w->room, blind(w), can));
    } else {
        if (!c->has_asks) {
            buf_reset(&c->asks);
            put_json(&c->asks, ",\"asks\":", snap_asks(w->room, NULL, 0));
            c->has_asks = true;
        }
        buf_str(b, buf_view(&c->asks));
    }
    if (!(can & CAN_MODERATE))
        put_json(b, ",\"asks_own\":", snap_asks_own(w));
}

/* What the room keeps for this person alone: no event tells it, so who comes back is told, too. */
static void put_own(struct buf *b, const struct proto_welcome *w) {
    if (w->room->poll_count)
        put_json(b, ",\"answers\":", snap_answers(w));
    if (w->room->ask_count) {
        put_json(b, ",\"asked\":", snap_asked(w));
        put_json(b, ",\"voted\":", snap_voted(w));
    }
}

static void put_ink(struct buf *b, const struct proto_welcome *w) {
    struct proto_cache *c = w->cache;
    if (!c->has_ink) {
        buf_reset(&c->ink);
        put_json(&c->ink, ",\"ink\":", snap_ink(w->room));
        c->has_ink = true;
    }
    buf_str(b, buf_view(&c->ink));
}

static void put_notes(struct buf *b, const struct proto_welcome *w) {
    struct proto_cache *c = w->cache;
    if (!c->has_notes) {
        buf_reset(&c->notes);
        put_json(&c->notes, ",\"notes\":", snap_notes(w->room));
        c->has_notes = true;
    }
    buf_str(b, buf_view(&c->notes));
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
    struct json *you = member_object(w->you, w->you->name);
    if (b->n && b->p[b->n - 1] != '[')
        buf_z(b, ",");
    json_write(you, b);
    json_free(you);
}

static void put_snapshot(struct buf *b, const struct proto_welcome *w) {
    const struct room *r = w->room;
    bool is_mod = room_can(r, w->you) & CAN_MODERATE, is_partial = (w->is_partial && !is_mod) || blind(w);
    struct json *j = json_object();
    json_set_z(j, "life", life_name(r->life));
    json_set_int(j, "opened_at", r->opened_ms);
    json_set_bool(j, "lobby", r->lobby);
    json_set_bool(j, "locked", r->locked);
    json_set_bool(j, "recording", r->recording);
    json_set_bool(j, "recording_fails", r->recording_fails);
    json_set_int(j, "recording_at", r->recording ? r->recording_ms : 0);
    json_set_z(j, "spotlight", r->spotlight);
    if (r->layout != LAYOUT_FREE)
        json_set_z(j, "layout", layout_name(r->layout));
    if (r->cameras_to_hosts)
        json_set_bool(j, "cameras", true);
    if (names_hidden(r))
        json_set_bool(j, "names_hidden", true);
    if (asks_wait(r))
        json_set_bool(j, "ask_rules", true);
    if (is_mod && r->lobby_text[0])
        json_set_z(j, "lobby_text", r->lobby_text);
    json_set_int(j, "count", (int64_t)r->count[MEMBER_PRESENT]);
    json_set_bool(j, "partial", is_partial);
    json_write(j, b);
    json_free(j);
    if (b->n)
        b->n--; /* it goes on */
    buf_z(b, ",");
    if (blind(w))
        put_people(b, r, &(struct audience){.is_partial = w->is_partial, .is_blind = true, .you = w->you});
    else if (is_partial)
        put_crowd(b, w);
    else
        put_people(b, r, &(struct audience){.is_mod = is_mod});
    buf_z(b, "],\"chat\":");
    if (blind(w))
        put_json(b, "", snap_chat(r, blind(w)));
    else
        buf_str(b, chat_text(w));
    if (r->direct_count)
        put_json(b, ",\"direct\":", snap_direct(w));
    if (r->pin.n)
        put_json(b, ",\"pin\":", snap_pin(r, blind(w)));
    if (r->chat_hosts_only || r->chat_slow_s)
        put_json(b, ",\"chat_rules\":", snap_rules(r));
    if (r->poll_count)
        put_polls(b, w);
    if (r->ask_count)
        put_asks(b, w);
    put_own(b, w);
    if (r->timer.is_on)
        put_json(b, ",\"timer\":", snap_timer(r, blind(w)));
    if (r->slides.deck_count)
        put_json(b, ",\"slides\":", snap_slides(r));
    if (r->film.clip_count)
        put_json(b, ",\"video\":", snap_video(r));
    if (r->ink.count)
        put_ink(b, w);
    if (r->channels.count)
        put_json(b, ",\"channels\":", snap_channels(r, blind(w)));
    if (r->tables.count)
        put_json(b, ",\"tables\":", snap_tables(r));
    if (r->off[ROLE_ATTENDEE] || r->off[ROLE_SPEAKER])
        put_json(b, ",\"limits\":", snap_limits(r));
    if (is_mod && r->report_count)
        put_json(b, ",\"reports\":", snap_reports(r));
    if (is_mod && r->count[MEMBER_BANNED])
        put_json(b, ",\"banned\":", snap_banned(r));
    if (r->notes.bytes)
        put_notes(b, w);
    if (r->captions.count)
        put_json(b, ",\"captions\":", snap_captions(r));
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
    json_set(j, "can", can_object(w->room, w->you->role));
    json_set_int(j, "stage_max", f->stage_max);
    json_set_int(j, "video_slots", f->video_slots);
    json_set_z(j, "record", record_policy_name(w->room->cfg.record));
    json_set_z(j, "layout", layout_name(f->layout));
    json_set_z(j, "questions", questions_name(f->questions));
    json_set_z(j, "keep", keep_name(f->keep));
    json_set_bool(j, "tables", f->tables);
    json_set_z(j, "video", media_video_name(f->video));
    return j;
}

void proto_welcome(struct buf *b, const struct proto_welcome *w) {
    bool is_in = w->you->state == MEMBER_PRESENT;
    struct json *j = json_object(), *ice = NULL, *media;
    json_set_z(j, "type", "welcome");
    if (w->id)
        json_set_int(j, "id", (int64_t)w->id);
    json_set_z(j, "state", is_in ? "in" : "waiting");
    json_set(j, "you", person(w->you, w->you->name));
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
    if (!is_in || !b->n)
        return;
    b->n--;
    if (w->is_resumed) {
        put_own(b, w);
    } else {
        buf_z(b, ",\"snapshot\":");
        put_snapshot(b, w);
    }
    buf_z(b, "}");
}

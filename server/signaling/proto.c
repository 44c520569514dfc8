#include "server/signaling/proto.h"
#include "media/base/err.h"
#include "media/base/mem.h"

/* The largest integer that JSON readers agree on (RFC 8259, 6: "integers … in the range [-(2**53)+1,
 * (2**53)-1]"). */
static const int64_t int_max = 9007199254740991;

enum kind { KIND_ID, KIND_NAME, KIND_ROLE, KIND_SOURCE, KIND_REASON, KIND_BOOL, KIND_UINT, KIND_TEXT };

struct field_row {
    const char *wire;
    enum kind kind;
    size_t in_command, in_event;
};
static const struct field_row fields[FIELD_COUNT] = {
#define X(bit, wire, kind, member)                                                                           \
    {wire, KIND_##kind, offsetof(struct command, member), offsetof(struct event, member)},
#include "server/rooms/fields.def"
#undef X
};

struct message_row {
    const char *wire;
    enum msg_type type;
    enum command_type command;
    uint32_t required, optional;
    enum rate rate;
};
static const struct message_row messages[] = {
#define X(name, wire, required, optional, rate)                                                              \
    {wire, MSG_##name, CMD_COUNT, required, optional, RATE_##rate},
#include "server/signaling/messages.def"
#undef X
#define X(name, wire, required, optional, can, rate)                                                         \
    {wire, MSG_COMMAND, CMD_##name, required, optional, RATE_##rate},
#include "server/rooms/commands.def"
#undef X
};

struct event_row {
    const char *wire;
    uint32_t fields, optional;
};
static const struct event_row events[EV_COUNT] = {
#define X(name, wire, fields, optional, audience) {wire, fields, optional},
#include "server/rooms/events.def"
#undef X
};

static const char *const kind_names[] = {[MEDIA_PUBLISH] = "publish", [MEDIA_VIEW] = "view"};

/* ---- reading ---- */

static bool read_int(const struct json *v, int64_t max, uint64_t *out) {
    int64_t n;
    if (!json_int(v, &n) || n < 0 || n > max)
        return false;
    *out = (uint64_t)n;
    return true;
}

static bool read_enum(int found, void *out) {
    if (found < 0)
        return false;
    unsigned u = (unsigned)found;
    memcpy(out, &u, sizeof u); /* the enums are int-sized; checked below */
    return true;
}
_Static_assert(sizeof(enum role) == sizeof(unsigned) && sizeof(enum media_source) == sizeof(unsigned) &&
                   sizeof(enum reason) == sizeof(unsigned),
               "enums of fields are int-sized");

/* `owner` is the object, since a bool is read by key. "" and "*" are ids here: who may be nobody or
 * everybody. */
static bool read_field(const struct json *owner, const struct field_row *f, void *out, bool is_optional) {
    const struct json *v = json_get(owner, f->wire);
    struct str s = {NULL, 0};
    bool has_text = json_str(v, &s);
    switch (f->kind) {
    case KIND_ID:
        if (!has_text || !(room_id_ok(s) || (s.n == 0 && is_optional) || str_is(s, "*")))
            return false;
        return str_copy(out, ROOM_ID_MAX + 1, s);
    case KIND_NAME:
        return has_text && room_name_ok(s) && str_copy(out, ROOM_NAME_MAX + 1, s);
    case KIND_ROLE:
        return has_text && read_enum(role_of(s), out);
    case KIND_SOURCE:
        return has_text && read_enum(media_source_of(s), out);
    case KIND_REASON:
        return has_text && read_enum(reason_of(s), out);
    case KIND_BOOL:
        return json_get_bool(owner, f->wire, out);
    case KIND_UINT:
        return read_int(v, int_max, out);
    case KIND_TEXT:
        *(struct str *)out = s;
        return has_text && room_text_ok(s);
    }
    return false;
}

static bool read_str(const struct json *doc, const char *key, size_t max, struct str *out) {
    return json_get_str(doc, key, out) && out->n > 0 && out->n <= max;
}

static bool read_kind(struct msg *m) {
    struct str s;
    if (!json_get_str(m->doc, "kind", &s))
        return false;
    m->kind = str_is(s, "publish") ? MEDIA_PUBLISH : MEDIA_VIEW;
    return str_is(s, kind_names[m->kind]);
}

/* {"0":"mic", …}: which mid of the offer is what. */
static bool read_sources(struct msg *m) {
    const struct json *map = json_get(m->doc, "sources");
    void *it = NULL;
    struct str mid, name;
    struct json *v;
    if (!json_is_object(map))
        return false;
    while (json_each(map, &it, &mid, &v)) {
        if (m->source_count == countof(m->sources) || !json_str(v, &name))
            return false;
        struct media_source_map *row = &m->sources[m->source_count++];
        if (!mid.n || !STR_COPY(row->mid, mid) || !read_enum(media_source_of(name), &row->source))
            return false;
    }
    return true;
}

/* [{"who","source"}, null, …]: a null leaves the slot empty. */
static bool read_picks(struct msg *m) {
    const struct json *list = json_get(m->doc, "picks");
    struct str who, source;
    if (!json_is_array(list) || json_len(list) > countof(m->picks))
        return false;
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *v = json_at(list, i);
        struct msg_pick *p = &m->picks[m->pick_count++];
        if (!json_is_object(v))
            continue;
        if (!json_get_str(v, "who", &who) || !room_id_ok(who) || !STR_COPY(p->who, who) ||
            !json_get_str(v, "source", &source) || !read_enum(media_source_of(source), &p->source))
            return false;
    }
    return true;
}

/* [{"mid","h"},…]: how high the slots are drawn. */
static bool read_slots(struct msg *m) {
    const struct json *list = json_get(m->doc, "slots");
    struct str mid;
    uint64_t height;
    if (!json_is_array(list) || json_len(list) > countof(m->draw))
        return false;
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *v = json_at(list, i);
        struct media_draw *d = &m->draw[m->draw_count++];
        if (!json_is_object(v) || !json_get_str(v, "mid", &mid) || !mid.n || !STR_COPY(d->mid, mid) ||
            !read_int(json_get(v, "h"), PROTO_HEIGHT_MAX, &height))
            return false;
        d->height = (unsigned)height;
    }
    return true;
}

static bool read_since(struct msg *m) { return read_int(json_get(m->doc, "since"), int_max, &m->since); }
static bool read_ticket(struct msg *m) { return read_str(m->doc, "ticket", PROTO_TICKET_MAX, &m->ticket); }
static bool read_client(struct msg *m) { return read_str(m->doc, "client", PROTO_CLIENT_MAX, &m->client); }
static bool read_sdp(struct msg *m) { return read_str(m->doc, "sdp", MEDIA_SDP_MAX_BYTES, &m->sdp); }

static bool read_freeze(struct msg *m) {
    return read_int(json_get(m->doc, "freeze_ms"), PROTO_FREEZE_MS_MAX, &m->freeze_ms);
}

static const struct {
    uint32_t bit;
    const char *wire;
    bool (*read)(struct msg *);
} extras[] = {
    {PROTO_TICKET, "ticket", read_ticket}, {PROTO_SINCE, "since", read_since},
    {PROTO_CLIENT, "client", read_client}, {PROTO_SDP, "sdp", read_sdp},
    {PROTO_KIND, "kind", read_kind},       {PROTO_SOURCES, "sources", read_sources},
    {PROTO_PICKS, "picks", read_picks},    {PROTO_FREEZE, "freeze_ms", read_freeze},
    {PROTO_SLOTS, "slots", read_slots},
};

/* An optional field may be absent; when it is there, it must be right. */
static const char *read_fields(struct msg *m, const struct message_row *row) {
    uint32_t asked = row->required | row->optional;
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        bool is_optional = row->optional & 1U << i;
        if (!(asked & 1U << i) || (is_optional && !json_get(m->doc, fields[i].wire)))
            continue;
        if (!read_field(m->doc, &fields[i], (char *)&m->cmd + fields[i].in_command, is_optional))
            return fields[i].wire;
    }
    for (unsigned i = 0; i < countof(extras); i++) {
        if (!(asked & extras[i].bit) ||
            ((row->optional & extras[i].bit) && !json_get(m->doc, extras[i].wire)))
            continue;
        if (!extras[i].read(m))
            return extras[i].wire;
    }
    return NULL;
}

int proto_decode(struct msg *out, struct str text, const char **field) {
    struct str type;
    *out = (struct msg){0};
    *field = NULL;
    if (text.n > PROTO_MESSAGE_MAX)
        return -ERR_TOO_LARGE;
    if (json_parse(&out->doc, text)) {
        out->doc = NULL;
        return -ERR_INVALID;
    }
    if (!json_is_object(out->doc))
        return -ERR_INVALID;
    const struct json *id = json_get(out->doc, "id");
    if (id && (!read_int(id, PROTO_ID_MAX, &out->id) || !out->id)) {
        *field = "id";
        return -ERR_INVALID;
    }
    if (!json_get_str(out->doc, "type", &type) || !type.n) {
        *field = "type";
        return -ERR_INVALID;
    }
    for (size_t i = 0; i < countof(messages); i++) {
        if (!str_is(type, messages[i].wire))
            continue;
        out->type = messages[i].type;
        out->cmd.type = messages[i].command;
        out->rate = messages[i].rate;
        *field = read_fields(out, &messages[i]);
        return *field ? -ERR_INVALID : 0;
    }
    return -ERR_UNSUPPORTED;
}

void proto_fini(struct msg *m) {
    json_free(m->doc);
    m->doc = NULL;
}

int proto_event_parse(struct event *out, struct str text) {
    struct json *doc;
    struct str type, by;
    uint64_t at;
    *out = (struct event){.type = EV_COUNT};
    if (json_parse(&doc, text))
        return -ERR_INVALID;
    bool ok = json_get_str(doc, "type", &type) && read_int(json_get(doc, "seq"), int_max, &out->seq) &&
              out->seq && read_int(json_get(doc, "at"), int_max, &at) && json_get_str(doc, "by", &by) &&
              (!by.n || room_id_ok(by)) && STR_COPY(out->by, by);
    for (int t = 0; ok && t < EV_COUNT; t++)
        if (str_is(type, events[t].wire))
            out->type = (enum event_type)t;
    ok = ok && out->type != EV_COUNT;
    for (unsigned i = 0; ok && i < FIELD_COUNT; i++) {
        bool is_optional = events[out->type].optional & 1U << i;
        if (!(events[out->type].fields & 1U << i) && !(is_optional && json_get(doc, fields[i].wire)))
            continue;
        ok = read_field(doc, &fields[i], (char *)out + fields[i].in_event, is_optional);
    }
    if (ok) {
        out->at_ms = (int64_t)at;
        if (out->text.p)
            out->text.p = mem_strndup(out->text.p, out->text.n);
    } else {
        *out = (struct event){0};
    }
    json_free(doc);
    return ok ? 0 : -ERR_INVALID;
}

/* ---- writing ---- */

static struct json *message(const char *type) {
    struct json *j = json_object();
    json_set_z(j, "type", type);
    return j;
}

static void finish(struct buf *b, struct json *j) {
    json_write(j, b);
    json_free(j);
}

static bool is_unset(const struct field_row *f, const void *p) {
    switch (f->kind) {
    case KIND_ID:
    case KIND_NAME:
        return !*(const char *)p;
    case KIND_ROLE:
    case KIND_SOURCE:
    case KIND_REASON:
        return !*(const unsigned *)p;
    case KIND_BOOL:
        return !*(const bool *)p;
    case KIND_UINT:
        return !*(const uint64_t *)p;
    case KIND_TEXT:
        return !((const struct str *)p)->n;
    }
    return true;
}

static void write_field(struct json *j, const struct field_row *f, const void *p) {
    switch (f->kind) {
    case KIND_ID:
    case KIND_NAME:
        json_set_z(j, f->wire, p);
        break;
    case KIND_ROLE:
        json_set_z(j, f->wire, role_name(*(const enum role *)p));
        break;
    case KIND_SOURCE:
        json_set_z(j, f->wire, media_source_name(*(const enum media_source *)p));
        break;
    case KIND_REASON:
        json_set_z(j, f->wire, reason_name(*(const enum reason *)p));
        break;
    case KIND_BOOL:
        json_set_bool(j, f->wire, *(const bool *)p);
        break;
    case KIND_UINT:
        json_set_int(j, f->wire, (int64_t) * (const uint64_t *)p);
        break;
    case KIND_TEXT:
        json_set_str(j, f->wire, *(const struct str *)p);
        break;
    }
}

void proto_event(struct buf *b, const struct event *e) {
    const struct event_row *row = &events[e->type];
    struct json *j = message(row->wire);
    json_set_int(j, "seq", (int64_t)e->seq);
    json_set_int(j, "at", e->at_ms);
    json_set_z(j, "by", e->by);
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        const void *p = (const char *)e + fields[i].in_event;
        if ((row->fields & 1U << i) || ((row->optional & 1U << i) && !is_unset(&fields[i], p)))
            write_field(j, &fields[i], p);
    }
    finish(b, j);
}

void proto_ok(struct buf *b, uint64_t id, uint64_t seq) {
    struct json *j = message("ok");
    json_set_int(j, "id", (int64_t)id);
    json_set_int(j, "seq", (int64_t)seq);
    finish(b, j);
}

void proto_error(struct buf *b, uint64_t id, int err, const char *text, const char *field, int64_t retry_ms) {
    struct json *j = message("error");
    if (id)
        json_set_int(j, "id", (int64_t)id);
    json_set_z(j, "error", err_wire(err));
    json_set_z(j, "text", text ? text : err_text(err));
    if (field)
        json_set_z(j, "field", field);
    if (retry_ms)
        json_set_int(j, "retry_ms", retry_ms);
    finish(b, j);
}

void proto_bye(struct buf *b, const char *reason, int64_t retry_ms) {
    struct json *j = message("bye");
    json_set_z(j, "reason", reason);
    json_set_int(j, "retry_ms", retry_ms);
    finish(b, j);
}

void proto_pong(struct buf *b, int64_t now_ms, uint64_t seq) {
    struct json *j = message("pong");
    json_set_int(j, "now", now_ms);
    json_set_int(j, "seq", (int64_t)seq);
    finish(b, j);
}

void proto_presence(struct buf *b, size_t count, uint64_t seq) {
    struct json *j = message("presence");
    json_set_int(j, "count", (int64_t)count);
    json_set_bool(j, "big", true);
    json_set_int(j, "seq", (int64_t)seq);
    finish(b, j);
}

void proto_answer(struct buf *b, uint64_t id, enum media_peer_kind kind, struct str sdp) {
    struct json *j = message("answer");
    if (id)
        json_set_int(j, "id", (int64_t)id);
    json_set_z(j, "kind", kind_names[kind]);
    json_set_str(j, "sdp", sdp);
    finish(b, j);
}

void proto_speaking(struct buf *b, struct str ids) {
    struct json *j = message("speaking"), *who = json_array();
    struct str id;
    while (str_until(&ids, ',', &id))
        if (id.n)
            json_add_str(who, id);
    json_set(j, "who", who);
    finish(b, j);
}

void proto_layers(struct buf *b, enum media_source source, struct str off) {
    struct json *j = message("layers"), *names = json_array();
    struct str name;
    json_set_z(j, "source", media_source_name(source));
    while (str_until(&off, ',', &name))
        json_add_str(names, name);
    json_set(j, "off", names);
    finish(b, j);
}

void proto_media_up(struct buf *b, enum media_peer_kind kind) {
    struct json *j = message("media_up");
    json_set_z(j, "kind", kind_names[kind]);
    finish(b, j);
}

void proto_media_down(struct buf *b, enum media_peer_kind kind, const char *reason) {
    struct json *j = message("media_down");
    json_set_z(j, "kind", kind_names[kind]);
    json_set_z(j, "reason", reason);
    finish(b, j);
}

static void name_slots(const struct room *r, struct json *list) {
    struct str who;
    char id[ROOM_ID_MAX + 1];
    for (size_t i = 0; i < json_len(list); i++) {
        struct json *slot = json_at(list, i);
        const struct member *m =
            json_get_str(slot, "who", &who) && STR_COPY(id, who) ? room_member(r, id) : NULL;
        if (m)
            json_set_z(slot, "name", m->name);
    }
}

bool proto_slots(struct buf *b, const struct room *r, struct str media_json) {
    struct json *j;
    if (json_parse(&j, media_json))
        return false;
    name_slots(r, json_get(j, "video"));
    name_slots(r, json_get(j, "audio"));
    json_set_z(j, "type", "slots");
    finish(b, j);
    return true;
}

bool proto_quality(struct buf *b, enum media_peer_kind kind, struct str media_json) {
    struct json *j;
    if (json_parse(&j, media_json))
        return false;
    json_set_z(j, "type", "quality");
    json_set_z(j, "kind", kind_names[kind]);
    finish(b, j);
    return true;
}

void proto_link(struct str media_json, unsigned *loss_permille, unsigned *rtt_ms) {
    struct json *j;
    double loss = 0;
    int64_t rtt = 0;
    *loss_permille = *rtt_ms = 0;
    if (json_parse(&j, media_json))
        return;
    if (json_get_real(j, "loss", &loss) && loss > 0)
        *loss_permille = loss < 1 ? (unsigned)(loss * 1000 + 0.5) : 1000;
    if (json_get_int(j, "rtt_ms", &rtt) && rtt > 0)
        *rtt_ms = rtt < PROTO_FREEZE_MS_MAX ? (unsigned)rtt : PROTO_FREEZE_MS_MAX;
    json_free(j);
}

void proto_lines(struct buf *b, const struct proto_line *v, size_t n) {
    struct json *j = message("lines"), *weak = json_array();
    for (size_t i = 0; i < n; i++) {
        struct json *row = json_object();
        json_set_z(row, "who", v[i].who);
        json_set_z(row, "line", v[i].word == LINE_BAD ? "bad" : "weak");
        json_set_real(row, "loss", v[i].loss_permille / 1000.0);
        json_set_int(row, "rtt_ms", v[i].rtt_ms);
        json_set_int(row, "freeze_ms", v[i].freeze_ms);
        json_add(weak, row);
    }
    json_set(j, "weak", weak);
    finish(b, j);
}

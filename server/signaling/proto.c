#include "server/signaling/proto.h"
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/signaling/codec.h"

struct message_row {
    const char *wire;
    enum msg_type type;
    enum command_type command;
    uint64_t required, optional;
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

static const char *const kind_names[] = {[MEDIA_PUBLISH] = "publish", [MEDIA_VIEW] = "view"};

/* ---- reading ---- */

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
        if (!mid.n || !STR_COPY(row->mid, mid) || !codec_enum(media_source_of(name), &row->source))
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
            !json_get_str(v, "source", &source) || !codec_enum(media_source_of(source), &p->source))
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
            !codec_int(json_get(v, "h"), PROTO_HEIGHT_MAX, &height))
            return false;
        d->height = (unsigned)height;
    }
    return true;
}

static bool read_since(struct msg *m) {
    return codec_int(json_get(m->doc, "since"), CODEC_INT_MAX, &m->since);
}
static bool read_ticket(struct msg *m) { return read_str(m->doc, "ticket", PROTO_TICKET_MAX, &m->ticket); }
static bool read_client(struct msg *m) { return read_str(m->doc, "client", PROTO_CLIENT_MAX, &m->client); }
static bool read_sdp(struct msg *m) { return read_str(m->doc, "sdp", MEDIA_SDP_MAX_BYTES, &m->sdp); }

static bool read_freeze(struct msg *m) {
    return codec_int(json_get(m->doc, "freeze_ms"), PROTO_FREEZE_MS_MAX, &m->freeze_ms);
}

static const struct {
    uint64_t bit;
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
    uint64_t asked = row->required | row->optional;
    const char *wrong = codec_command(&m->cmd, m->doc, row->required, row->optional);
    if (wrong)
        return wrong;
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
    if (id && (!codec_int(id, PROTO_ID_MAX, &out->id) || !out->id)) {
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
        if (text.n > rate_bytes(out->rate))
            return -ERR_TOO_LARGE;
        *field = read_fields(out, &messages[i]);
        return *field ? -ERR_INVALID : 0;
    }
    return -ERR_UNSUPPORTED;
}

void proto_fini(struct msg *m) {
    json_free(m->doc);
    mem_free((char *)m->cmd.list.p);
    m->cmd.list = (struct str){NULL, 0};
    m->doc = NULL;
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

unsigned proto_close_code(const char *reason) {
    enum { NORMAL = 1000, GOING_AWAY = 1001, POLICY = 1008, TRY_AGAIN_LATER = 1013 };
    static const struct {
        const char *reason;
        unsigned code;
    } rows[] = {
        {"left", NORMAL},          {"ended", NORMAL},         {"cancelled", NORMAL},     {"replaced", NORMAL},
        {"shutdown", GOING_AWAY},  {"removed", POLICY},       {"denied", POLICY},        {"invalid", POLICY},
        {"slow", TRY_AGAIN_LATER}, {"idle", TRY_AGAIN_LATER}, {"busy", TRY_AGAIN_LATER},
    };
    for (size_t i = 0; i < countof(rows); i++)
        if (!strcmp(rows[i].reason, reason))
            return rows[i].code;
    return NORMAL;
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

void proto_queue(struct buf *b, size_t place, size_t count, const char *text) {
    struct json *j = message("queue");
    json_set_int(j, "place", (int64_t)place);
    json_set_int(j, "count", (int64_t)count);
    if (text[0])
        json_set_z(j, "text", text);
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

void proto_thrift(struct buf *b, bool on) {
    struct json *j = message("thrift");
    json_set_bool(j, "on", on);
    finish(b, j);
}

void proto_listening(struct buf *b, const struct room *r, const unsigned *counts) {
    struct json *j = message("listening"), *langs = json_object();
    json_set_int(j, "floor", counts[0]);
    for (unsigned i = 0; i < r->channels.count; i++)
        json_set_int(langs, r->channels.v[i].lang, counts[i + 1]);
    json_set(j, "langs", langs);
    finish(b, j);
}

void proto_pointing(struct buf *b, const char *who, uint64_t n, uint64_t page, const char *dot) {
    struct json *j = message("pointing");
    json_set_z(j, "who", who);
    json_set_int(j, "n", (int64_t)n);
    json_set_int(j, "page", (int64_t)page);
    if (*dot)
        json_set_z(j, "ink", dot);
    finish(b, j);
}

void proto_captioning(struct buf *b, const char *who, const char *lang, struct str text) {
    struct json *j = message("captioning");
    json_set_z(j, "who", who);
    json_set_z(j, "lang", lang);
    if (text.n)
        json_set_str(j, "text", text);
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
    char id[ROOM_ID_MAX + 1], number[ROOM_NAME_MAX + 1];
    for (size_t i = 0; i < json_len(list); i++) {
        struct json *slot = json_at(list, i);
        const struct member *m =
            json_get_str(slot, "who", &who) && STR_COPY(id, who) ? room_member(r, id) : NULL;
        if (!m)
            continue;
        /* All views are told the same; who may know has the list of people. */
        names_number(m->id, number);
        json_set_z(slot, "name", names_hidden(r) && !names_known(r, m->id) ? number : m->name);
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

void proto_stalls(struct buf *b, size_t count) {
    struct json *j = message("stalls");
    json_set_int(j, "count", (int64_t)count);
    finish(b, j);
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

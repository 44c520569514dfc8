#include "server/signaling/codec.h"

#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/signaling/proto.h"

enum kind {
    KIND_ID,
    KIND_NAME,
    KIND_ROLE,
    KIND_SOURCE,
    KIND_REASON,
    KIND_POLL,
    KIND_ASK,
    KIND_LAYOUT,
    KIND_BOOL,
    KIND_UINT,
    KIND_TEXT,
    KIND_DATA,
    KIND_LINES,
    KIND_INK,
    KIND_NUMBERS,
    KIND_SET,
    KIND_CANS
};

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

struct event_row {
    const char *wire;
    uint64_t fields, optional;
};
static const struct event_row events[EV_COUNT] = {
#define X(name, wire, fields, optional, audience, lesson) {wire, fields, optional},
#include "server/rooms/events.def"
#undef X
};

/* ---- reading ---- */

bool codec_int(const struct json *v, int64_t max, uint64_t *out) {
    int64_t n;
    if (!json_int(v, &n) || n < 0 || n > max)
        return false;
    *out = (uint64_t)n;
    return true;
}

bool codec_enum(int found, void *out) {
    if (found < 0)
        return false;
    unsigned u = (unsigned)found;
    memcpy(out, &u, sizeof u); /* the enums are int-sized; checked below */
    return true;
}
_Static_assert(sizeof(enum role) == sizeof(unsigned) && sizeof(enum media_source) == sizeof(unsigned) &&
                   sizeof(enum reason) == sizeof(unsigned) && sizeof(enum poll_kind) == sizeof(unsigned),
               "enums of fields are int-sized");

/* ["a","b"] as lines on the heap. */
static bool read_lines(const struct json *v, struct str *out) {
    struct buf b;
    struct str line;
    bool ok = json_is_array(v) && json_len(v) <= ROOM_LINES_MAX;
    buf_init(&b, ROOM_LINES_MAX * (4 * ROOM_LINE_CHARS + 1));
    for (size_t i = 0; ok && i < json_len(v); i++) {
        ok = json_str(json_at(v, i), &line) && room_line_ok(line);
        buf_str(&b, line);
        buf_z(&b, "\n");
    }
    if (ok && b.n)
        *out = room_dup(buf_view(&b));
    buf_fini(&b);
    return ok;
}

static bool read_numbers(const struct json *v, struct numbers *out) {
    uint64_t n;
    if (!json_is_array(v) || json_len(v) > countof(out->v))
        return false;
    for (size_t i = 0; i < json_len(v); i++) {
        if (!codec_int(json_at(v, i), UINT32_MAX, &n))
            return false;
        out->v[out->n++] = (uint32_t)n;
    }
    return true;
}

static bool read_set(const struct json *v, uint32_t *out) {
    uint64_t bit;
    for (size_t i = 0; i < json_len(v); i++) {
        if (!codec_int(json_at(v, i), 31, &bit))
            return false;
        *out |= 1U << bit;
    }
    return json_is_array(v);
}

/* ["chat","hand"]: permissions by name. */
static bool read_cans(const struct json *v, uint32_t *out) {
    struct str name;
    int bit;
    for (size_t i = 0; i < json_len(v); i++) {
        if (!json_str(json_at(v, i), &name) || (bit = can_of(name)) < 0)
            return false;
        *out |= 1U << bit;
    }
    return json_is_array(v);
}

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
        return has_text && codec_enum(role_of(s), out);
    case KIND_SOURCE:
        return has_text && codec_enum(media_source_of(s), out);
    case KIND_REASON:
        return has_text && codec_enum(reason_of(s), out);
    case KIND_POLL:
        return has_text && codec_enum(poll_kind_of(s), out);
    case KIND_ASK:
        return has_text && codec_enum(ask_state_of(s), out);
    case KIND_LAYOUT:
        return has_text && codec_enum(layout_of(s), out);
    case KIND_BOOL:
        return json_get_bool(owner, f->wire, out);
    case KIND_UINT:
        return codec_int(v, CODEC_INT_MAX, out);
    case KIND_TEXT:
        *(struct str *)out = s;
        return has_text && room_text_ok(s);
    case KIND_DATA:
        *(struct str *)out = s;
        return has_text && room_data_ok(s);
    case KIND_LINES:
        return read_lines(v, out);
    case KIND_INK:
        if (!has_text || !ink_ok(s))
            return false;
        *(struct str *)out = room_dup(s);
        return true;
    case KIND_NUMBERS:
        return read_numbers(v, out);
    case KIND_SET:
        return read_set(v, out);
    case KIND_CANS:
        return read_cans(v, out);
    }
    return false;
}

const char *codec_command(struct command *out, const struct json *doc, uint64_t required, uint64_t optional) {
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        bool is_optional = optional & 1ULL << i;
        if (!((required | optional) & 1ULL << i) || (is_optional && !json_get(doc, fields[i].wire)))
            continue;
        if (!read_field(doc, &fields[i], (char *)out + fields[i].in_command, is_optional))
            return fields[i].wire;
    }
    return NULL;
}

int proto_event_parse(struct event *out, struct str text) {
    struct json *doc;
    struct str type, by;
    uint64_t at;
    *out = (struct event){.type = EV_COUNT};
    if (json_parse(&doc, text))
        return -ERR_INVALID;
    bool ok = json_get_str(doc, "type", &type) && codec_int(json_get(doc, "seq"), CODEC_INT_MAX, &out->seq) &&
              out->seq && codec_int(json_get(doc, "at"), CODEC_INT_MAX, &at) &&
              json_get_str(doc, "by", &by) && (!by.n || room_id_ok(by)) && STR_COPY(out->by, by);
    for (int t = 0; ok && t < EV_COUNT; t++)
        if (str_is(type, events[t].wire))
            out->type = (enum event_type)t;
    ok = ok && out->type != EV_COUNT;
    for (unsigned i = 0; ok && i < FIELD_COUNT; i++) {
        bool is_optional = events[out->type].optional & 1ULL << i;
        if (!(events[out->type].fields & 1ULL << i) && !(is_optional && json_get(doc, fields[i].wire)))
            continue;
        ok = read_field(doc, &fields[i], (char *)out + fields[i].in_event, is_optional);
    }
    if (ok) {
        out->at_ms = (int64_t)at;
        if (out->text.p)
            out->text.p = mem_strndup(out->text.p, out->text.n);
    } else {
        mem_free((char *)out->list.p);
        *out = (struct event){0};
    }
    json_free(doc);
    return ok ? 0 : -ERR_INVALID;
}

/* ---- writing ---- */

static bool is_unset(const struct field_row *f, const void *p) {
    switch (f->kind) {
    case KIND_ID:
    case KIND_NAME:
        return !*(const char *)p;
    case KIND_ROLE:
    case KIND_SOURCE:
    case KIND_REASON:
    case KIND_POLL:
    case KIND_ASK:
    case KIND_LAYOUT:
        return !*(const unsigned *)p;
    case KIND_BOOL:
        return !*(const bool *)p;
    case KIND_UINT:
        return !*(const uint64_t *)p;
    case KIND_TEXT:
    case KIND_DATA:
    case KIND_LINES:
    case KIND_INK:
        return !((const struct str *)p)->n;
    case KIND_NUMBERS:
        return !((const struct numbers *)p)->n;
    case KIND_SET:
    case KIND_CANS:
        return !*(const uint32_t *)p;
    }
    return true;
}

struct json *codec_lines(struct str list) {
    struct json *a = json_array();
    for (struct str line; str_until(&list, '\n', &line);)
        json_add_str(a, line);
    return a;
}

struct json *codec_numbers(const struct numbers *v) {
    struct json *a = json_array();
    for (unsigned i = 0; i < v->n; i++)
        json_add_int(a, v->v[i]);
    return a;
}

struct json *codec_set(uint32_t bits) {
    struct json *a = json_array();
    for (unsigned i = 0; i < 32; i++)
        if (bits & 1U << i)
            json_add_int(a, i);
    return a;
}

struct json *codec_cans(uint32_t bits) {
    struct json *a = json_array();
    for (unsigned i = 0; i < CAN_COUNT; i++)
        if (bits & 1U << i)
            json_add_str(a, str_of(can_name((enum can_bit)i)));
    return a;
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
    case KIND_POLL:
        json_set_z(j, f->wire, poll_kind_name(*(const enum poll_kind *)p));
        break;
    case KIND_ASK:
        json_set_z(j, f->wire, ask_state_name(*(const enum ask_state *)p));
        break;
    case KIND_LAYOUT:
        json_set_z(j, f->wire, layout_name(*(const enum layout *)p));
        break;
    case KIND_BOOL:
        json_set_bool(j, f->wire, *(const bool *)p);
        break;
    case KIND_UINT:
        json_set_int(j, f->wire, (int64_t) * (const uint64_t *)p);
        break;
    case KIND_TEXT:
    case KIND_INK:
    case KIND_DATA:
        json_set_str(j, f->wire, *(const struct str *)p);
        break;
    case KIND_LINES:
        json_set(j, f->wire, codec_lines(*(const struct str *)p));
        break;
    case KIND_NUMBERS:
        json_set(j, f->wire, codec_numbers(p));
        break;
    case KIND_SET:
        json_set(j, f->wire, codec_set(*(const uint32_t *)p));
        break;
    case KIND_CANS:
        json_set(j, f->wire, codec_cans(*(const uint32_t *)p));
        break;
    }
}

void proto_event(struct buf *b, const struct event *e) {
    const struct event_row *row = &events[e->type];
    struct json *j = json_object();
    json_set_z(j, "type", row->wire);
    json_set_int(j, "seq", (int64_t)e->seq);
    json_set_int(j, "at", e->at_ms);
    json_set_z(j, "by", e->by);
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        const void *p = (const char *)e + fields[i].in_event;
        if ((row->fields & 1ULL << i) || ((row->optional & 1ULL << i) && !is_unset(&fields[i], p)))
            write_field(j, &fields[i], p);
    }
    json_write(j, b);
    json_free(j);
}

#include "server/catalogue/formatdoc.h"

#include <stdarg.h>
#include <stdio.h>

#include "media/base/err.h"
#include "server/catalogue/meeting.h"

struct reading {
    struct format *out;
    const struct json *doc;
    struct formatdoc_wrongs *w;
    /* what was read well: rules between keys speak of these only */
    bool has_record, has_keep, has_questions, has_tables, has_lobby, has_roles;
};

/* ---- saying what is wrong ---- */

static void shorten(char *dst, size_t cap, struct str s) {
    size_t n = s.n < cap ? s.n : cap - 1;
    while (n && n < s.n && ((uint8_t)s.p[n] & 0xc0) == 0x80)
        n--; /* between characters */
    memcpy(dst, s.p, n);
    dst[n] = 0;
}

static void value_text(char dst[FORMATDOC_VALUE_MAX + 1], const struct json *v) {
    enum { WHOLE_MAX = 4096 };
    struct buf b;
    dst[0] = 0;
    if (!v)
        return;
    buf_init(&b, WHOLE_MAX);
    json_write(v, &b);
    shorten(dst, FORMATDOC_VALUE_MAX + 1, buf_view(&b));
    buf_fini(&b);
}

struct place {
    const char *key, *sub; /* "roles", "host"; sub "" = the key itself */
    const struct json *value;
};

__attribute__((format(printf, 4, 5))) static void wrong(struct reading *r, struct place at, const char *why,
                                                        const char *rule, ...) {
    if (r->w->n == FORMATDOC_WRONG_MAX)
        return;
    struct formatdoc_wrong *e = &r->w->v[r->w->n++];
    char said[192], head[FORMATDOC_FIELD_MAX + FORMATDOC_VALUE_MAX + 16], field[FORMATDOC_FIELD_MAX + 1],
        value[FORMATDOC_VALUE_MAX + 1];
    va_list ap;
    va_start(ap, rule);
    vsnprintf(said, sizeof said, rule, ap);
    va_end(ap);
    snprintf(field, sizeof field, "%s%s%s", at.key, at.sub[0] ? "." : "", at.sub);
    value_text(value, at.value);
    snprintf(head, sizeof head, value[0] ? "\"%s\" is %s: it" : "\"%s\"", field, value);
    snprintf(e->text, sizeof e->text, "%s %s", head, said);
    (void)STR_COPY(e->field, str_of(field));
    (void)STR_COPY(e->value, str_of(value));
    e->why = why;
}

static struct place key_at(const char *key, const struct json *v) { return (struct place){key, "", v}; }

/* ---- one key each ---- */

bool formatdoc_id_ok(struct str id) {
    for (size_t i = 0; i < id.n; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", id.p[i]))
            return false;
    return id.n && id.n <= FORMAT_ID_MAX;
}

static void read_id(struct reading *r, const struct json *v) {
    struct str id;
    if (json_str(v, &id) && formatdoc_id_ok(id) && STR_COPY(r->out->id, id))
        return;
    wrong(r, key_at("id", v), "id", "must have 1 to %d of a-z, 0-9 and -", FORMAT_ID_MAX);
}

/* A text in both languages, into fields of `cap` bytes. */
struct both {
    const char *key;
    char *dst[2];
    size_t cap, chars;
    bool must, lines;
};

static void read_both(struct reading *r, const struct json *v, const struct both *b) {
    static const char *const langs[] = {"uk", "en"};
    void *it = NULL;
    struct str key, text;
    struct json *value;
    while (json_each(v, &it, &key, &value))
        if (str_index(key, langs, countof(langs)) < 0)
            wrong(r, key_at(b->key, v), "text", "must have texts in uk and en only");
    for (size_t i = 0; i < countof(langs); i++) {
        const struct json *one = json_get(v, langs[i]);
        if (json_str(one, &text) && meeting_chars_ok(text, b->chars, b->lines) &&
            (!b->must || str_trim(text).n) && str_copy(b->dst[i], b->cap, str_trim(text)))
            continue;
        wrong(r, (struct place){b->key, langs[i], one}, one ? "text" : "missing",
              b->must ? "must be a text of 1 to %zu characters" : "must be a text of at most %zu characters",
              b->chars);
    }
}

static void read_name(struct reading *r, const struct json *v) {
    struct format *f = r->out;
    read_both(
        r, v,
        &(struct both){"name", {f->name_uk, f->name_en}, sizeof f->name_uk, FORMAT_NAME_CHARS, true, false});
}

static void read_about(struct reading *r, const struct json *v) {
    struct format *f = r->out;
    read_both(r, v,
              &(struct both){
                  "about", {f->about_uk, f->about_en}, sizeof f->about_uk, FORMAT_ABOUT_CHARS, false, true});
}

static bool read_bool(struct reading *r, const char *key, const struct json *v, bool *out) {
    bool ok = json_get_bool(r->doc, key, out);
    if (!ok)
        wrong(r, key_at(key, v), "bool", "must be true or false");
    return ok;
}

static void read_lobby(struct reading *r, const struct json *v) {
    r->has_lobby = read_bool(r, "lobby", v, &r->out->lobby);
}

static void read_tables(struct reading *r, const struct json *v) {
    r->has_tables = read_bool(r, "tables", v, &r->out->tables);
}

/* One of some words; -1 after having refused it with all of them. */
static int read_word(struct reading *r, const char *key, const struct json *v, int (*of)(struct str),
                     const char *allowed) {
    struct str name;
    int n = json_str(v, &name) ? of(name) : -1;
    if (n < 0)
        wrong(r, key_at(key, v), "word", "must be %s", allowed);
    return n < 0 ? -1 : n;
}

static void read_record(struct reading *r, const struct json *v) {
    int n = read_word(r, "record", v, record_policy_of, "never, manual or auto");
    r->has_record = n >= 0;
    r->out->record = n < 0 ? RECORD_NEVER : (enum record_policy)n;
}

/* `free` is a room's: there everybody begins with the format's. */
static int opening_layout(struct str name) {
    int n = layout_of(name);
    return n == LAYOUT_FREE ? -1 : n;
}

static void read_layout(struct reading *r, const struct json *v) {
    int n = read_word(r, "layout", v, opening_layout, "speaker, grid, slides, screen or side");
    r->out->layout = n < 0 ? LAYOUT_SPEAKER : (enum layout)n;
}

static void read_questions(struct reading *r, const struct json *v) {
    int n = read_word(r, "questions", v, questions_of, "chat, moderated or approved");
    r->has_questions = n >= 0;
    r->out->questions = n < 0 ? QUESTIONS_CHAT : (enum questions)n;
}

static void read_keep(struct reading *r, const struct json *v) {
    int n = read_word(r, "keep", v, keep_of, "all or counts");
    r->has_keep = n >= 0;
    r->out->keep = n < 0 ? KEEP_ALL : (enum keep)n;
}

static void read_names(struct reading *r, const struct json *v) {
    int n = read_word(r, "names", v, names_of, "shown or hidden");
    r->out->names = n < 0 ? NAMES_SHOWN : (enum names)n;
}

static void read_number(struct reading *r, const char *key, const struct json *v, unsigned max,
                        unsigned *out) {
    int64_t n;
    if (json_int(v, &n) && n >= 1 && n <= max)
        *out = (unsigned)n;
    else
        wrong(r, key_at(key, v), "number", "must be a number from 1 to %u", max);
}

static void read_stage_max(struct reading *r, const struct json *v) {
    read_number(r, "stage_max", v, FORMAT_STAGE_MAX, &r->out->stage_max);
}

static void read_video_slots(struct reading *r, const struct json *v) {
    read_number(r, "video_slots", v, FORMAT_VIDEO_SLOTS_MAX, &r->out->video_slots);
}

/* The first is preferred. H.264 and VP8 are always spoken; VP9 and AV1 only where they are preferred, for not
 * every device can show them, and with neither of the others behind them such a device would see nothing. */
static void read_codecs(struct reading *r, const struct json *v) {
    struct place at = key_at("codecs", v);
    struct str name;
    size_t n = json_len(v);
    for (size_t i = 0; i < n; i++) {
        enum media_video c = json_str(json_at(v, i), &name) ? media_video_of(name) : MEDIA_VIDEO_COUNT;
        if (c == MEDIA_VIDEO_COUNT) {
            wrong(r, at, "codecs", "may have h264, vp8, vp9 and av1 only");
            return;
        }
        if (i == 0)
            r->out->video = c;
        else if (c == MEDIA_VP9 || c == MEDIA_AV1) {
            wrong(r, at, "codecs", "may have vp9 or av1 in the first place only");
            return;
        }
    }
    if (n == 1 && r->out->video >= MEDIA_VP9)
        wrong(r, at, "codecs", "must name h264 or vp8 after vp9 or av1, for who cannot send or show that");
    if (!n)
        wrong(r, at, "codecs", "must be a list of h264, vp8, vp9 and av1");
}

/* ---- roles ---- */

static void read_role(struct reading *r, enum role role, const struct json *list) {
    struct str name;
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *one = json_at(list, i);
        int bit = json_str(one, &name) ? can_of(name) : -1;
        if (bit >= 0) {
            r->out->can[role] |= 1U << bit;
            continue;
        }
        char said[FORMATDOC_VALUE_MAX + 1];
        value_text(said, one);
        wrong(r, (struct place){"roles", role_name(role), NULL}, "permission", "has an unknown permission %s",
              said);
    }
}

static void read_roles(struct reading *r, const struct json *v) {
    void *it = NULL;
    struct str key;
    struct json *list;
    while (json_each(v, &it, &key, &list))
        if (role_of(key) < 0) {
            char said[FORMATDOC_VALUE_MAX + 1];
            shorten(said, sizeof said, key);
            wrong(r, key_at("roles", NULL), "role",
                  "has an unknown role \"%s\": there are host, cohost, speaker and attendee", said);
        }
    r->has_roles = true;
    for (int role = ROLE_COUNT - 1; role >= 0; role--) {
        const struct json *one = json_get(v, role_name((enum role)role));
        if (json_is_array(one)) {
            read_role(r, (enum role)role, one);
            continue;
        }
        r->has_roles = false;
        wrong(r, (struct place){"roles", role_name((enum role)role), one}, one ? "list" : "missing",
              one ? "must be a list of permissions" : "is missing");
    }
}

/* ---- what does not go together ---- */

/* No role may have what the format switches off: who reads "never recorded" can rely on it. */
static void refuse_bits(struct reading *r, uint32_t bits, const char *why, const char *because) {
    for (int role = ROLE_COUNT - 1; role >= 0; role--)
        for (int bit = 0; bit < CAN_COUNT; bit++)
            if (r->out->can[role] & bits & (1U << bit))
                wrong(r, (struct place){"roles", role_name((enum role)role), NULL}, why,
                      "must not have \"%s\" %s", can_name((enum can_bit)bit), because);
}

static void check_roles(struct reading *r) {
    struct format *f = r->out;
    struct place host = {"roles", "host", NULL};
    if (r->has_record && f->record == RECORD_NEVER)
        refuse_bits(r, CAN_RECORD, "record_never", "where \"record\" is never");
    if (r->has_tables && !f->tables)
        refuse_bits(r, CAN_TABLES, "tables_off", "where \"tables\" is false");
    if (r->has_questions && f->questions == QUESTIONS_CHAT)
        refuse_bits(r, CAN_ASK | CAN_ANSWER | CAN_ANONYMOUS, "questions_chat",
                    "where \"questions\" is chat: nobody keeps a list of questions there");
    for (int bit = 0; bit < CAN_COUNT; bit++) /* whoever has the link is an attendee */
        if (f->can[ROLE_ATTENDEE] & (CAN_MODERATE | CAN_RUN | CAN_RECORD | CAN_GRANT) & (1U << bit))
            wrong(r, (struct place){"roles", "attendee", NULL}, "power",
                  "must not have \"%s\": whoever has the link would have it", can_name((enum can_bit)bit));
    if (!(f->can[ROLE_HOST] & CAN_RUN))
        wrong(r, host, "nobody_opens", "must have \"run\": nobody else may open the event for sure");
    if (r->has_lobby && f->lobby && !(f->can[ROLE_HOST] & CAN_MODERATE))
        wrong(r, host, "nobody_admits",
              "must have \"moderate\" where \"lobby\" is true: nobody could let people in");
    if (r->has_tables && f->tables && !((f->can[ROLE_HOST] | f->can[ROLE_COHOST]) & CAN_TABLES))
        wrong(r, host, "nobody_lays", "must have \"tables\" where \"tables\" is true: nobody could lay them");
}

static void check(struct reading *r) {
    struct format *f = r->out;
    /* A recording would keep what shall not stay. */
    if (r->has_keep && f->keep == KEEP_COUNTS && (!r->has_record || f->record != RECORD_NEVER))
        wrong(r, key_at("keep", json_get(r->doc, "keep")), "keep_counts",
              "can be counts only where \"record\" is never");
    if (r->has_roles)
        check_roles(r);
}

static const struct {
    const char *key;
    void (*read)(struct reading *, const struct json *);
    bool may_lack;
} keys[] = {
    {"id", read_id, false},         {"name", read_name, false},
    {"about", read_about, true},    {"lobby", read_lobby, false},
    {"record", read_record, false}, {"keep", read_keep, false},
    {"layout", read_layout, false}, {"questions", read_questions, false},
    {"tables", read_tables, false}, {"stage_max", read_stage_max, false},
    {"codecs", read_codecs, false}, {"video_slots", read_video_slots, false},
    {"roles", read_roles, false},   {"names", read_names, true},
};

int formatdoc_read(struct format *out, const struct json *doc, struct formatdoc_wrongs *w) {
    *out = (struct format){0};
    struct reading r = {.out = out, .doc = doc, .w = w};
    w->n = 0;
    if (!json_is_object(doc)) {
        wrong(&r, key_at("", NULL), "object", "must be a JSON object");
        return -ERR_INVALID;
    }
    void *it = NULL;
    struct str key;
    struct json *value;
    while (json_each(doc, &it, &key, &value)) {
        size_t i = 0;
        while (i < countof(keys) && !str_is(key, keys[i].key))
            i++;
        char said[FORMATDOC_FIELD_MAX + 1];
        shorten(said, sizeof said, key);
        if (i == countof(keys))
            wrong(&r, key_at(said, NULL), "unknown", "is no key of a format");
    }
    for (size_t i = 0; i < countof(keys); i++) {
        struct json *v = json_get(doc, keys[i].key);
        if (v)
            keys[i].read(&r, v);
        else if (!keys[i].may_lack)
            wrong(&r, key_at(keys[i].key, NULL), "missing", "is missing");
    }
    check(&r);
    return w->n ? -ERR_INVALID : 0;
}

/* ---- writing ---- */

static struct json *both_json(const char *uk, const char *en) {
    struct json *j = json_object();
    json_set_z(j, "uk", uk);
    json_set_z(j, "en", en);
    return j;
}

static struct json *codecs_json(enum media_video first) {
    static const enum media_video always[] = {MEDIA_H264, MEDIA_VP8};
    struct json *j = json_array();
    json_add_str(j, str_of(media_video_name(first)));
    for (size_t i = 0; i < countof(always); i++)
        if (always[i] != first)
            json_add_str(j, str_of(media_video_name(always[i])));
    return j;
}

struct json *formatdoc_json(const struct format *f) {
    struct json *j = json_object(), *roles = json_object();
    json_set_z(j, "id", f->id);
    json_set(j, "name", both_json(f->name_uk, f->name_en));
    json_set(j, "about", both_json(f->about_uk, f->about_en));
    json_set_bool(j, "lobby", f->lobby);
    json_set_z(j, "record", record_policy_name(f->record));
    json_set_z(j, "keep", keep_name(f->keep));
    json_set_z(j, "layout", layout_name(f->layout));
    json_set_z(j, "questions", questions_name(f->questions));
    if (f->names != NAMES_SHOWN)
        json_set_z(j, "names", names_name(f->names));
    json_set_bool(j, "tables", f->tables);
    json_set_int(j, "stage_max", f->stage_max);
    json_set_int(j, "video_slots", f->video_slots);
    json_set(j, "codecs", codecs_json(f->video));
    for (int role = ROLE_COUNT - 1; role >= 0; role--) {
        struct json *can = json_array();
        for (int bit = 0; bit < CAN_COUNT; bit++)
            if (f->can[role] & (1U << bit))
                json_add_str(can, str_of(can_name((enum can_bit)bit)));
        json_set(roles, role_name((enum role)role), can);
    }
    json_set(j, "roles", roles);
    return j;
}

#include "server/rooms/event.h"
#include "media/base/mem.h"

static const char *const reason_names[REASON_COUNT] = {"", "left", "lost", "gap", "cancelled", "failed"};

const char *reason_name(enum reason r) { return r < REASON_COUNT ? reason_names[r] : ""; }

int reason_of(struct str name) { return str_index(name, reason_names, REASON_COUNT); }

static const char *const poll_kind_names[POLL_KIND_COUNT] = {"single", "multiple", "words", "scale", "rank"};

const char *poll_kind_name(enum poll_kind k) { return k < POLL_KIND_COUNT ? poll_kind_names[k] : ""; }

int poll_kind_of(struct str name) { return str_index(name, poll_kind_names, POLL_KIND_COUNT); }

static const char *const ask_state_names[ASK_STATE_COUNT] = {"open", "live", "answered", "dismissed"};

const char *ask_state_name(enum ask_state s) { return s < ASK_STATE_COUNT ? ask_state_names[s] : ""; }

int ask_state_of(struct str name) { return str_index(name, ask_state_names, ASK_STATE_COUNT); }

void event_fini(struct event *e) {
    mem_free((char *)e->text.p);
    mem_free((char *)e->list.p);
    e->text = e->list = (struct str){NULL, 0};
}

struct str room_dup(struct str text) {
    return (struct str){mem_strndup(text.n ? text.p : "", text.n), text.n};
}

void events_init(struct events *es) { *es = (struct events){NULL, 0, 0, NULL}; }

void events_fini(struct events *es) {
    for (size_t i = 0; i < es->n; i++)
        event_fini(&es->v[i]);
    mem_free(es->v);
    events_init(es);
}

struct event *events_add(struct events *es) {
    if (es->n == ROOM_EVENTS_MAX)
        return NULL;
    if (es->n == es->cap) {
        es->cap = es->cap ? es->cap * 2 : 4;
        es->v = mem_realloc(es->v, es->cap * sizeof *es->v);
    }
    struct event *e = &es->v[es->n++];
    *e = (struct event){0};
    return e;
}

bool room_id_ok(struct str id) {
    if (!id.n || id.n > ROOM_ID_MAX)
        return false;
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
                  c == '.' || c == '-';
        if (!ok)
            return false;
    }
    return true;
}

/* Text is valid UTF-8 already. Bidirectional controls (U+202A..202E, U+2066..2069) can make one name look
 * like another, so names may not have them; they are E2 80 AA..AE and E2 81 A6..A9. */
static bool bidi_control(const unsigned char *p, size_t left) {
    return left >= 3 && p[0] == 0xE2 &&
           ((p[1] == 0x80 && p[2] >= 0xAA && p[2] <= 0xAE) || (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9));
}

static bool readable(struct str s, bool is_chat, size_t chars_max) {
    if (!str_utf8_ok(s))
        return false;
    size_t chars = 0;
    bool seen = false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool layout = is_chat && (c == '\n' || c == '\r' || c == '\t');
        if ((c < 0x20 && !layout) || c == 0x7f)
            return false;
        if (!is_chat && bidi_control((const unsigned char *)s.p + i, s.n - i))
            return false;
        seen = seen || c > 0x20;
        chars += (c & 0xC0) != 0x80;
    }
    return seen && chars <= chars_max;
}

bool room_name_ok(struct str name) {
    return name.n <= ROOM_NAME_MAX && readable(name, false, ROOM_NAME_CHARS);
}
bool room_text_ok(struct str text) {
    return text.n <= ROOM_TEXT_MAX && readable(text, true, ROOM_TEXT_CHARS);
}
bool room_line_ok(struct str line) {
    return line.n <= 4 * ROOM_LINE_CHARS && readable(line, false, ROOM_LINE_CHARS);
}

bool room_lines_ok(struct str list) {
    struct str line;
    size_t n = 0;
    if (list.n && list.p[list.n - 1] != '\n')
        return false;
    while (str_until(&list, '\n', &line))
        if (++n > ROOM_LINES_MAX || !room_line_ok(line))
            return false;
    return true;
}

bool room_data_ok(struct str data) {
    size_t pad = 0;
    if (!data.n || data.n > ROOM_DATA_MAX || data.n % 4)
        return false;
    while (pad < 2 && data.p[data.n - 1 - pad] == '=')
        pad++;
    for (size_t i = 0; i < data.n - pad; i++) {
        char c = data.p[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' ||
                  c == '/';
        if (!ok)
            return false;
    }
    return true;
}

size_t room_chars(struct str text) {
    size_t chars = 0;
    for (size_t i = 0; i < text.n; i++)
        chars += ((unsigned char)text.p[i] & 0xC0) != 0x80;
    return chars;
}

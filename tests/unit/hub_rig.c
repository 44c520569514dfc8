#include "tests/unit/hub_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/signaling/proto.h"
#include "tests/unit/room_rig.h"

enum { WALL_S = 1700000000 }; /* when the tests take place */

static void keep(struct rig *r, struct rig_inbox *in, struct note *note) {
    if (in->n == in->cap && r->keeps_notes) {
        in->cap = in->cap ? in->cap * 2 : 16;
        in->v = mem_realloc(in->v, in->cap * sizeof *in->v);
    }
    if (r->keeps_notes)
        in->v[in->n] = mem_strndup((const char *)note_text(note), note->n);
    in->n++;
}

static int on_send(void *ctx, uint64_t conn, struct note *note) {
    struct rig *r = ctx;
    assert_true(conn < RIG_CONNS);
    assert_string_equal(r->inbox[conn].closed, ""); /* nothing is said to who was closed */
    if (r->inbox[conn].is_full)
        return -ERR_FULL;
    keep(r, &r->inbox[conn], note);
    return 0;
}

/* There is always a place for the last word. */
static void on_close(void *ctx, uint64_t conn, struct note *bye, const char *reason) {
    struct rig *r = ctx;
    assert_string_equal(r->inbox[conn].closed, "");
    keep(r, &r->inbox[conn], bye);
    STR_COPY(r->inbox[conn].closed, str_of(reason));
}

static void put_line(struct rig *r, const char *room, uint64_t load, const struct hub_line *line,
                     bool is_image) {
    if (r->log_n == r->log_cap) {
        r->log_cap = r->log_cap ? r->log_cap * 2 : 64;
        r->log = mem_realloc(r->log, r->log_cap * sizeof *r->log);
    }
    struct rig_log_line *l = &r->log[r->log_n++];
    *l = (struct rig_log_line){.load = load,
                               .seq = line->seq,
                               .at_ms = line->at_ms,
                               .json = mem_strndup(line->json.p, line->json.n),
                               .is_image = is_image};
    STR_COPY(l->room, str_of(room));
}
static void on_journal(void *ctx, const char *room, uint64_t load, const struct hub_line *line) {
    put_line(ctx, room, load, line, false);
}
static void on_image(void *ctx, const char *room, uint64_t load, const struct hub_line *line) {
    put_line(ctx, room, load, line, true);
}

static void on_load(void *ctx, const char *room) {
    struct rig *r = ctx;
    assert_true(r->load_n < countof(r->loads));
    STR_COPY(r->loads[r->load_n++], str_of(room));
}

static void on_find(void *ctx, const struct hub_finding *f) {
    struct rig *r = ctx;
    assert_true(r->finding_n < countof(r->findings));
    r->findings[r->finding_n++] = *f;
}

static void order(struct rig *r, const char *what, const char *room, const char *arg) {
    assert_true(r->order_n < RIG_ORDERS);
    snprintf(r->orders[r->order_n++], sizeof r->orders[0], "%s %s%s%s", what, room, arg[0] ? " " : "", arg);
}
static void on_life(void *ctx, const char *room, enum life life, int64_t at_ms) {
    (void)at_ms;
    order(ctx, "life", room, life_name(life));
}
static int on_start(void *ctx, const char *room, uint64_t media_room) {
    struct rig *r = ctx;
    assert_true(media_room != 0);
    order(ctx, r->no_recorder ? "refused" : "start", room, "");
    return r->no_recorder ? -ERR_FULL : 0;
}
static void on_stop(void *ctx, const char *room, bool final) {
    order(ctx, "stop", room, final ? "final" : "");
}
static void on_program(void *ctx, const char *room, const char *m) {
    order(ctx, "program", room, m[0] ? m : "-");
}
static void on_screen(void *ctx, const char *room, const char *m, enum media_source source) {
    char what[ROOM_ID_MAX + 16];
    snprintf(what, sizeof what, "%s%s", m[0] ? m : "-", m[0] && source == MEDIA_CONTENT ? " content" : "");
    order(ctx, "screen", room, what);
}

static void on_channels(void *ctx, const char *room, const struct channels *c) {
    char what[ROOM_ID_MAX + CHANNEL_LANG_MAX + 2];
    for (unsigned i = 0; i < c->count; i++) {
        snprintf(what, sizeof what, "%s=%s", c->v[i].lang, c->v[i].air);
        order(ctx, "air", room, what);
    }
}

static void start(struct rig *r) {
    static struct format formats[2];
    formats[0] = rig_webinar;
    formats[1] = rig_lesson;
    struct hub_cfg cfg = {.ops = {.ctx = r,
                                  .send = on_send,
                                  .close = on_close,
                                  .journal = on_journal,
                                  .image = on_image,
                                  .load_room = on_load,
                                  .find = on_find,
                                  .room_life = on_life,
                                  .record_start = on_start,
                                  .record_stop = on_stop,
                                  .record_program = on_program,
                                  .record_screen = on_screen,
                                  .record_channels = on_channels},
                          .media = r->media,
                          .formats = r->formats ? r->formats : formats,
                          .format_count = r->formats ? r->format_count : 2,
                          .ticket_key = {r->key, sizeof r->key}};
    assert_int_equal(hub_open(&r->hub, &cfg), 0);
    hub_clock(r->hub, r->now_us, WALL_S * 1000LL + r->now_us / 1000);
}

void rig_open(struct rig *r, struct media *media) {
    log_level = LOG_LV_WARN;
    r->media = media;
    r->now_us = 5000000;
    r->keeps_notes = true;
    memset(r->key, 7, sizeof r->key);
    if (!r->meta.title.p)
        r->meta = (struct hub_meta){
            .title = STR("Педагогічна вітальня"), .format = STR("webinar"), .record = RECORD_MANUAL};
    start(r);
}

static void forget_from(struct rig *r, size_t first) {
    for (size_t i = first; i < r->log_n; i++)
        mem_free(r->log[i].json);
    r->log_n = first;
}

void rig_close(struct rig *r) {
    hub_close(r->hub);
    for (uint64_t c = 0; c < RIG_CONNS; c++) {
        if (r->keeps_notes)
            rig_clear(r, c);
        mem_free(r->inbox[c].v);
    }
    forget_from(r, 0);
    mem_free(r->log);
}

void rig_crash(struct rig *r) {
    hub_close(r->hub);
    forget_from(r, r->committed); /* what was not on disk is lost */
    r->load_n = 0;
    start(r);
}

static void load(struct rig *r, const char *room) {
    struct hub_line *lines = mem_zalloc((r->committed + 1) * sizeof *lines);
    struct hub_past past = {.lines = lines};
    for (size_t i = 0; i < r->committed; i++) {
        const struct rig_log_line *l = &r->log[i];
        struct hub_line line = {l->seq, l->at_ms, str_of(l->json)};
        if (strcmp(l->room, room) != 0)
            continue;
        if (l->is_image) { /* as of lines that are no tail any more */
            past.image = line;
            past.n = 0;
        } else {
            lines[past.n++] = line;
        }
    }
    int err = strcmp(room, "missing") ? 0 : -ERR_MISSING;
    r->loaded_lines = past.n;
    hub_on_room_loaded(r->hub, room, err, err ? NULL : &r->meta, err ? NULL : &past);
    mem_free(lines);
}

void rig_commit(struct rig *r, size_t lines) {
    for (; lines && r->committed < r->log_n; lines--) {
        struct rig_log_line *l = &r->log[r->committed++];
        if (!l->is_image)
            hub_on_committed(r->hub, l->room, l->load, l->seq);
    }
}

/* As the database does: the committed lines, the newest first. */
static void find(struct rig *r, const struct hub_finding *f) {
    struct find find;
    bool more = true;
    find_init(&find, &f->query);
    for (size_t i = r->committed; more && i-- > 0;) {
        struct event e;
        if (r->log[i].is_image || strcmp(r->log[i].room, f->room) != 0)
            continue;
        assert_int_equal(proto_event_parse(&e, str_of(r->log[i].json)), 0);
        more = find_take(&find, &e);
        event_fini(&e);
    }
    hub_on_found(r->hub, f, 0, find.v, find.n, find.next);
    find_fini(&find);
}

void rig_settle(struct rig *r) {
    while (r->finding_n && !r->is_manual) {
        struct hub_finding f = r->findings[--r->finding_n];
        find(r, &f);
    }
    while (r->load_n || (!r->is_manual && r->committed < r->log_n)) {
        char room[ROOM_ID_MAX + 1];
        if (r->load_n) {
            STR_COPY(room, str_of(r->loads[--r->load_n]));
            load(r, room);
        }
        if (!r->is_manual)
            rig_commit(r, SIZE_MAX);
    }
    if (hub_next_us(r->hub) <= r->now_us)
        hub_tick(r->hub);
}

void rig_pass(struct rig *r, int64_t us) {
    int64_t end_us = r->now_us + us;
    while (r->now_us < end_us) {
        int64_t next_us = hub_next_us(r->hub);
        r->now_us = next_us > end_us ? end_us : next_us > r->now_us ? next_us : r->now_us;
        hub_clock(r->hub, r->now_us, WALL_S * 1000LL + r->now_us / 1000);
        hub_tick(r->hub);
        rig_settle(r);
    }
    hub_clock(r->hub, r->now_us, WALL_S * 1000LL + r->now_us / 1000);
}

void rig_ticket(struct rig *r, char out[TICKET_MAX + 1], const char *id, const char *room, const char *role) {
    struct ticket t = {.iat_s = WALL_S, .exp_s = WALL_S + 6 * 3600};
    STR_COPY(t.sub, str_of(id));
    STR_COPY(t.room, str_of(room));
    STR_COPY(t.role, str_of(role));
    snprintf(t.name, sizeof t.name, "Пані %s", id);
    assert_int_equal(ticket_mint(out, &t, (struct bytes){r->key, sizeof r->key}), 0);
}

void rig_enter_since(struct rig *r, uint64_t conn, const char *id, const char *role, uint64_t since) {
    char ticket[TICKET_MAX + 1], addr[32];
    rig_ticket(r, ticket, id, "r1", role);
    snprintf(addr, sizeof addr, "10.0.%u.%u", (unsigned)(conn >> 8), (unsigned)(conn & 255));
    assert_true(hub_on_open(r->hub, conn, str_of(addr)));
    rig_say(r, conn, "{\"type\":\"join\",\"id\":1,\"ticket\":\"%s\",\"since\":%llu,\"client\":\"test\"}",
            ticket, (unsigned long long)since);
}

void rig_enter(struct rig *r, uint64_t conn, const char *id, const char *role) {
    rig_enter_since(r, conn, id, role, 0);
}

void rig_say(struct rig *r, uint64_t conn, const char *fmt, ...) {
    struct buf b;
    char text[8192];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_init(&b, sizeof text);
    buf_z(&b, text);
    hub_on_message(r->hub, conn, buf_view(&b));
    buf_fini(&b);
    rig_settle(r);
}

void rig_class(struct rig *r) {
    rig_enter(r, 1, "host", "host");
    rig_enter(r, 2, "ann", "attendee");
    rig_enter(r, 3, "bob", "attendee");
    rig_say(r, 1, "{\"type\":\"open\"}");
    for (uint64_t conn = 1; conn <= 3; conn++)
        rig_clear(r, conn);
}

static bool is_type(const char *note, const char *type) {
    struct json *j;
    struct str t = {"", 0};
    assert_int_equal(json_parse(&j, str_of(note)), 0);
    bool is = json_get_str(j, "type", &t) && str_is(t, type);
    json_free(j);
    return is;
}

const char *rig_last(const struct rig *r, uint64_t conn, const char *type, const char *part) {
    const struct rig_inbox *in = &r->inbox[conn];
    for (size_t i = in->n; i-- > 0;)
        if (is_type(in->v[i], type) && (!part || strstr(in->v[i], part)))
            return in->v[i];
    return NULL;
}

size_t rig_count(const struct rig *r, uint64_t conn, const char *type) {
    size_t n = 0;
    for (size_t i = 0; i < r->inbox[conn].n; i++)
        n += is_type(r->inbox[conn].v[i], type);
    return n;
}

void rig_clear(struct rig *r, uint64_t conn) {
    for (size_t i = 0; i < r->inbox[conn].n; i++)
        mem_free(r->inbox[conn].v[i]);
    r->inbox[conn].n = 0;
}

uint64_t rig_seq(const char *note) {
    struct json *j;
    int64_t seq = 0;
    assert_int_equal(json_parse(&j, str_of(note)), 0);
    assert_true(json_get_int(j, "seq", &seq));
    json_free(j);
    return (uint64_t)seq;
}

bool rig_ordered(const struct rig *r, const char *what) {
    for (size_t i = 0; i < r->order_n; i++)
        if (!strcmp(r->orders[i], what))
            return true;
    return false;
}

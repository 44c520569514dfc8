/* A class on bad lines, for an hour of virtual time: people act at random, sockets break, the journal is
 * slow, the server is killed. Every client keeps its own picture of the room from what it is told, by the
 * rules PROTOCOL.md gives to clients and nothing else; whenever all is quiet, every picture must be the one a
 * newcomer is given. */
#include "media/base/err.h"
#include "media/base/mem.h"
#include "tests/unit/hub_rig.h"
#include "tests/unit/room_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { S = 1000000, PEOPLE = 14, SEEN_MAX = 64, CHAT_MAX = 200, TEXT_MAX = 1 << 17 };

/* ---- what a client knows ---- */

struct seen {
    char id[ROOM_ID_MAX + 1], name[ROOM_NAME_MAX + 1], role[12];
    bool staged;
    uint32_t sources, muted;
    uint64_t hand, order; /* order: on stage */
};
struct picture {
    struct seen v[SEEN_MAX];
    size_t n;
    char life[12], spotlight[ROOM_ID_MAX + 1];
    bool lobby, locked, recording;
    uint64_t chat[CHAT_MAX]; /* seqs of messages, oldest first */
    size_t chat_n;
    uint64_t seq, clock; /* clock: orders the stage */
};

static struct seen *find(struct picture *p, const char *id) {
    for (size_t i = 0; i < p->n; i++)
        if (!strcmp(p->v[i].id, id))
            return &p->v[i];
    return NULL;
}

static void text_of(const struct json *j, const char *key, char *dst, size_t cap) {
    struct str s = {"", 0};
    json_get_str(j, key, &s);
    assert_true(str_copy(dst, cap, s));
}
#define TEXT(j, key, dst) text_of(j, key, dst, sizeof(dst))

static bool flag(const struct json *j, const char *key) {
    bool b = false;
    json_get_bool(j, key, &b);
    return b;
}

static uint64_t number(const struct json *j, const char *key) {
    int64_t n = 0;
    json_get_int(j, key, &n);
    return (uint64_t)n;
}

static uint32_t bits(const struct json *list) {
    uint32_t b = 0;
    struct str s;
    for (size_t i = 0; i < json_len(list); i++)
        if (json_str(json_at(list, i), &s))
            b |= 1U << media_source_of(s);
    return b;
}

static void see_snapshot(struct picture *p, const struct json *s) {
    struct str id;
    *p = (struct picture){0};
    TEXT(s, "life", p->life);
    TEXT(s, "spotlight", p->spotlight);
    p->lobby = flag(s, "lobby");
    p->locked = flag(s, "locked");
    p->recording = flag(s, "recording");
    const struct json *list = json_get(s, "members");
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *j = json_at(list, i);
        struct seen *m = &p->v[p->n++];
        TEXT(j, "id", m->id);
        TEXT(j, "name", m->name);
        TEXT(j, "role", m->role);
        m->staged = flag(j, "stage");
        m->sources = bits(json_get(j, "sources"));
        m->muted = bits(json_get(j, "muted"));
        m->hand = number(j, "hand");
    }
    list = json_get(s, "stage");
    for (size_t i = 0; i < json_len(list); i++) {
        char name[ROOM_ID_MAX + 1];
        assert_true(json_str(json_at(list, i), &id) && STR_COPY(name, id) && find(p, name));
        find(p, name)->order = ++p->clock;
    }
    list = json_get(s, "chat");
    for (size_t i = 0; i < json_len(list); i++)
        p->chat[p->chat_n++] = number(json_at(list, i), "seq");
}

static void see_joined(struct picture *p, const struct json *j, const char *who) {
    struct seen *m = find(p, who);
    if (!m) {
        assert_true(p->n < SEEN_MAX);
        m = &p->v[p->n++];
    }
    *m = (struct seen){0};
    TEXT(j, "who", m->id);
    TEXT(j, "name", m->name);
    TEXT(j, "role", m->role);
    m->staged = flag(j, "stage");
    m->order = m->staged ? ++p->clock : 0;
}

static void see_chat(struct picture *p, uint64_t seq) {
    if (p->chat_n == CHAT_MAX)
        memmove(p->chat, p->chat + 1, --p->chat_n * sizeof p->chat[0]);
    p->chat[p->chat_n++] = seq;
}

static void see_unchat(struct picture *p, uint64_t n) {
    for (size_t i = 0; i < p->chat_n; i++)
        if (p->chat[i] == n) {
            memmove(p->chat + i, p->chat + i + 1, (p->chat_n - i - 1) * sizeof p->chat[0]);
            p->chat_n--;
            return;
        }
}

static void see_source(struct seen *m, const struct json *j, bool is_mute) {
    struct str s;
    assert_true(json_get_str(j, "source", &s));
    uint32_t bit = 1U << media_source_of(s);
    bool on = !is_mute && flag(j, "on");
    m->sources = on ? m->sources | bit : m->sources & ~bit;
    if (is_mute)
        m->muted |= bit;
    else if (on)
        m->muted &= ~bit;
}

static void see_member_event(struct picture *p, struct seen *m, const struct json *j, const char *type) {
    if (!strcmp(type, "left") || !strcmp(type, "removed")) {
        *m = p->v[--p->n];
    } else if (!strcmp(type, "staged")) {
        m->staged = true;
        m->order = ++p->clock;
        m->hand = 0;
    } else if (!strcmp(type, "unstaged")) {
        m->staged = false;
        m->order = 0;
    } else if (!strcmp(type, "source") || !strcmp(type, "muted")) {
        see_source(m, j, !strcmp(type, "muted"));
    } else if (!strcmp(type, "hand")) {
        m->hand = flag(j, "on") ? number(j, "seq") : 0;
    } else if (!strcmp(type, "role")) {
        TEXT(j, "role", m->role);
    }
}

static void see_event(struct picture *p, const struct json *j) {
    char type[16], who[ROOM_ID_MAX + 1];
    TEXT(j, "type", type);
    TEXT(j, "who", who);
    uint64_t seq = number(j, "seq");
    assert_true(seq > p->seq); /* in order, nothing twice */
    p->seq = seq;
    struct seen *m = who[0] ? find(p, who) : NULL;
    if (!strcmp(type, "joined"))
        see_joined(p, j, who);
    else if (!strcmp(type, "opened"))
        STR_COPY(p->life, STR("open"));
    else if (!strcmp(type, "lobby"))
        p->lobby = flag(j, "on");
    else if (!strcmp(type, "locked"))
        p->locked = flag(j, "on");
    else if (!strcmp(type, "recording"))
        p->recording = flag(j, "on");
    else if (!strcmp(type, "spotlight"))
        STR_COPY(p->spotlight, str_of(who));
    else if (!strcmp(type, "chat"))
        see_chat(p, seq);
    else if (!strcmp(type, "unchat"))
        see_unchat(p, number(j, "n"));
    else if (m)
        see_member_event(p, m, j, type);
}

/* Two pictures are the same when these texts are. Everything but the numbers that order the stage. */
static int by_id(const void *a, const void *b) {
    return strcmp(((const struct seen *)a)->id, ((const struct seen *)b)->id);
}
static int by_order(const void *a, const void *b) {
    uint64_t x = ((const struct seen *)a)->order, y = ((const struct seen *)b)->order;
    return x < y ? -1 : x > y;
}
static void describe(const struct picture *picture, struct buf *b) {
    static struct picture p;
    p = *picture;
    buf_init(b, TEXT_MAX);
    buf_printf(b, "%s lobby=%d locked=%d recording=%d spotlight=%s\n", p.life, p.lobby, p.locked, p.recording,
               p.spotlight);
    qsort(p.v, p.n, sizeof p.v[0], by_id);
    for (size_t i = 0; i < p.n; i++)
        buf_printf(b, "%s %s %s stage=%d sources=%x muted=%x hand=%llu\n", p.v[i].id, p.v[i].name,
                   p.v[i].role, p.v[i].staged, p.v[i].sources, p.v[i].muted, (unsigned long long)p.v[i].hand);
    qsort(p.v, p.n, sizeof p.v[0], by_order);
    for (size_t i = 0; i < p.n; i++)
        if (p.v[i].staged)
            buf_printf(b, "stage %s\n", p.v[i].id);
    for (size_t i = 0; i < p.chat_n; i++)
        buf_printf(b, "chat %llu\n", (unsigned long long)p.chat[i]);
}

/* ---- clients ---- */

struct client {
    char id[16];
    const char *role;
    uint64_t conn; /* 0 = away */
    bool is_in;
    struct picture picture;
    unsigned resumed, snapshots;
};

struct sim {
    struct rig rig;
    struct rig_rnd rnd;
    struct client people[PEOPLE];
    uint64_t last_conn;
    unsigned crashes, compared, cuts;
};

static void read_one(struct client *c, const struct json *j) {
    char type[16];
    TEXT(j, "type", type);
    if (!strcmp(type, "welcome")) {
        const struct json *snapshot = json_get(j, "snapshot");
        c->is_in = snapshot || flag(j, "resumed");
        c->resumed += flag(j, "resumed");
        c->snapshots += snapshot != NULL;
        if (snapshot) {
            see_snapshot(&c->picture, snapshot);
            c->picture.seq = number(j, "seq");
        }
    } else if (!strcmp(type, "error") || !strcmp(type, "ok") || !strcmp(type, "pong") ||
               !strcmp(type, "can") || !strcmp(type, "speaking") || !strcmp(type, "bye")) {
        return;
    } else if (json_get(j, "seq")) {
        see_event(&c->picture, j);
    }
}

static void read_all(struct sim *s, struct client *c) {
    struct rig_inbox *in = &s->rig.inbox[c->conn];
    for (size_t i = 0; c->conn && i < in->n; i++) {
        struct json *j;
        assert_int_equal(json_parse(&j, str_of(in->v[i])), 0);
        read_one(c, j);
        json_free(j);
    }
    if (!c->conn)
        return;
    rig_clear(&s->rig, c->conn);
    if (in->closed[0]) {
        if (!strcmp(in->closed, "removed") || !strcmp(in->closed, "left") || !strcmp(in->closed, "denied"))
            c->picture.seq = 0; /* comes back as a fresh page */
        c->conn = 0;
        c->is_in = false;
    }
}

static void enter(struct sim *s, struct client *c) {
    if (s->last_conn + 1 >= RIG_CONNS)
        return;
    c->conn = ++s->last_conn;
    c->is_in = false;
    rig_enter_since(&s->rig, c->conn, c->id, c->role, c->picture.seq);
}

static void act(struct sim *s, struct client *c) {
    static const char *const acts[] = {
        "{\"type\":\"hand\",\"on\":true}",
        "{\"type\":\"hand\",\"on\":false}",
        "{\"type\":\"chat\",\"text\":\"добре\"}",
        "{\"type\":\"source\",\"source\":\"mic\",\"on\":true}",
        "{\"type\":\"source\",\"source\":\"camera\",\"on\":true}",
        "{\"type\":\"source\",\"source\":\"screen\",\"on\":true}",
        "{\"type\":\"source\",\"source\":\"mic\",\"on\":false}",
        "{\"type\":\"source\",\"source\":\"screen\",\"on\":false}",
        "{\"type\":\"accept\"}",
        "{\"type\":\"unstage\"}",
        "{\"type\":\"stage\"}",
        "{\"type\":\"mute_all\"}",
        "{\"type\":\"lower\",\"who\":\"*\"}",
        "{\"type\":\"admit\",\"who\":\"*\"}",
        "{\"type\":\"lobby\",\"on\":true}",
        "{\"type\":\"lobby\",\"on\":false}",
        "{\"type\":\"record\",\"on\":true}",
        "{\"type\":\"record\",\"on\":false}",
        "{\"type\":\"spotlight\"}",
        "{\"type\":\"leave\"}",
    };
    static const char *const about[] = {"invite", "stage", "unstage", "mute", "remove", "spotlight", "admit"};
    const char *other = s->people[rig_next(&s->rnd, PEOPLE)].id;
    uint32_t what = rig_next(&s->rnd, 40);
    if (what < countof(acts))
        rig_say(&s->rig, c->conn, "%s", acts[what]);
    else if (what < 27)
        rig_say(&s->rig, c->conn, "{\"type\":\"%s\",\"who\":\"%s\"}", about[what - 20], other);
    else if (what < 29)
        rig_say(&s->rig, c->conn, "{\"type\":\"role\",\"who\":\"%s\",\"role\":\"%s\"}", other,
                what == 27 ? "speaker" : "attendee");
    else if (what == 29 && c->picture.chat_n)
        rig_say(&s->rig, c->conn, "{\"type\":\"unchat\",\"n\":%llu}",
                (unsigned long long)c->picture.chat[rig_next(&s->rnd, (uint32_t)c->picture.chat_n)]);
    else
        rig_say(&s->rig, c->conn, "{\"type\":\"ping\"}");
}

static void crash(struct sim *s) {
    rig_crash(&s->rig);
    for (int i = 0; i < PEOPLE; i++) {
        read_all(s, &s->people[i]); /* what was sent before arrives still */
        s->people[i].conn = 0;
        s->people[i].is_in = false;
    }
    s->crashes++;
}

/* Fails with the first line that differs. */
static void same(const struct client *c, struct str got, struct str want) {
    struct str g, w;
    while (str_line(&got, &g) && str_line(&want, &w))
        if (!str_eq(g, w))
            fail_msg("%s sees \"" STR_FMT "\", a newcomer \"" STR_FMT "\"", c->id, STR_ARG(g), STR_ARG(w));
    assert_int_equal(got.n, want.n);
}

/* Everybody who is in sees what one who comes now is shown. */
static void compare(struct sim *s) {
    struct client newcomer = {.role = "cohost"};
    struct buf want, got;
    snprintf(newcomer.id, sizeof newcomer.id, "see%u", s->compared % 4);
    s->rig.is_manual = false;
    rig_settle(&s->rig);
    enter(s, &newcomer);
    read_all(s, &newcomer);
    assert_true(newcomer.is_in);
    describe(&newcomer.picture, &want);
    for (int i = 0; i < PEOPLE; i++) {
        struct client *c = &s->people[i];
        read_all(s, c);
        if (!c->is_in)
            continue;
        describe(&c->picture, &got);
        same(c, buf_view(&got), buf_view(&want));
        buf_fini(&got);
    }
    buf_fini(&want);
    rig_say(&s->rig, newcomer.conn, "{\"type\":\"leave\"}");
    s->compared++;
}

static void one_turn(struct sim *s) {
    struct client *c = &s->people[rig_next(&s->rnd, PEOPLE)];
    uint32_t luck = rig_next(&s->rnd, 100);
    read_all(s, c);
    if (!c->conn) {
        enter(s, c);
    } else if (luck < 4) { /* the line breaks; some of what was sent is lost with it */
        if (rig_next(&s->rnd, 2))
            read_all(s, c);
        else
            rig_clear(&s->rig, c->conn);
        hub_on_close(s->rig.hub, c->conn);
        c->conn = 0;
        c->is_in = false;
        s->cuts++;
    } else {
        act(s, c);
    }
    s->rig.is_manual = rig_next(&s->rnd, 3) != 0; /* the disk is slow, most of the time */
    if (s->rig.is_manual)
        rig_commit(&s->rig, rig_next(&s->rnd, 4));
    rig_pass(&s->rig, (int64_t)rig_next(&s->rnd, 4 * S));
    if (!rig_next(&s->rnd, 400))
        crash(s);
    if (!rig_next(&s->rnd, 25))
        compare(s);
}

static void run(const char *format, uint64_t seed) {
    struct sim *s = mem_zalloc(sizeof *s);
    static const char *const roles[] = {"host", "cohost", "speaker", "attendee"};
    unsigned resumed = 0, snapshots = 0;
    s->rnd.x = seed;
    s->rig.meta = (struct hub_meta){.title = STR("T"), .format = str_of(format), .record = RECORD_MANUAL};
    rig_open(&s->rig, NULL);
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(s->people[i].id, sizeof s->people[i].id, "u%d", i);
        s->people[i].role = roles[i < 4 ? i : 3];
    }
    enter(s, &s->people[0]);
    rig_say(&s->rig, 1, "{\"type\":\"open\"}");
    while (s->rig.now_us < 3600LL * S && s->last_conn + PEOPLE < RIG_CONNS)
        one_turn(s);
    compare(s);
    for (int i = 0; i < PEOPLE; i++) {
        resumed += s->people[i].resumed;
        snapshots += s->people[i].snapshots;
    }
    /* The hour had what it was meant to have. */
    assert_true(s->compared > 20 && s->cuts > 20 && s->crashes > 0 && resumed > 10 && snapshots > 10);
    rig_close(&s->rig);
    mem_free(s);
}

static void a_webinar(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++)
        run("webinar", seed);
}

static void a_lesson(void **state) {
    (void)state;
    for (uint64_t seed = 11; seed <= 16; seed++)
        run("lesson", seed);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_webinar), cmocka_unit_test(a_lesson)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

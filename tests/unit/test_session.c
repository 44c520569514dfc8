/* Sessions of the hub without media: joining, commits before words, resuming, parting, rates, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/signaling/proto.h"
#include "tests/unit/hub_rig.h"

enum { S = 1000000, HOST = 1, ANN = 2, BOB = 3, EVE = 4 };

static int setup(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    rig_open(r, NULL);
    *state = r;
    return 0;
}

static int teardown(void **state) {
    rig_close(*state);
    mem_free(*state);
    return 0;
}

static void strangers(void **state) {
    struct rig *r = *state;
    char ticket[TICKET_MAX + 1];
    assert_true(hub_on_open(r->hub, 9, STR("1.2.3.4")));
    rig_say(r, 9, "{\"type\":\"chat\",\"id\":1,\"text\":\"x\"}");
    assert_says(r, 9, "error", "\"error\":\"auth\"");
    rig_say(r, 9, "{\"type\":\"join\",\"id\":2,\"ticket\":\"a.b.c\"}");
    assert_says(r, 9, "error", "\"id\":2,\"error\":\"auth\"");
    rig_ticket(r, ticket, "ann", "missing", "attendee");
    rig_say(r, 9, "{\"type\":\"join\",\"id\":3,\"ticket\":\"%s\"}", ticket);
    assert_says(r, 9, "error", "\"id\":3,\"error\":\"not_found\"");
    ticket[strlen(ticket) - 2] ^= 1; /* a forged signature */
    rig_say(r, 9, "{\"type\":\"join\",\"id\":4,\"ticket\":\"%s\"}", ticket);
    assert_says(r, 9, "error", "\"id\":4,\"error\":\"auth\"");
    rig_ticket(r, ticket, "ann", "r1", "attendee");
    rig_say(r, 9, "{\"type\":\"join\",\"id\":5,\"ticket\":\"%s\"}", ticket);
    assert_says(r, 9, "welcome", "\"id\":5"); /* the same socket may still do it right */
    rig_say(r, 9, "{\"type\":\"join\",\"id\":6,\"ticket\":\"%s\"}", ticket);
    rig_pass(r, 20 * S);
    rig_say(r, 9, "{\"type\":\"join\",\"id\":7,\"ticket\":\"%s\"}", ticket);
    assert_says(r, 9, "error", "\"id\":7,\"error\":\"conflict\"");
}

static void an_old_ticket(void **state) {
    struct rig *r = *state;
    char ticket[TICKET_MAX + 1];
    rig_ticket(r, ticket, "ann", "r1", "attendee");
    rig_pass(r, 7LL * 3600 * S);
    assert_true(hub_on_open(r->hub, 9, STR("1.2.3.4")));
    rig_say(r, 9, "{\"type\":\"join\",\"id\":1,\"ticket\":\"%s\"}", ticket);
    assert_says(r, 9, "error", "\"error\":\"expired\"");
}

static void idle_and_crowding_strangers(void **state) {
    struct rig *r = *state;
    for (uint64_t c = 100; c < 100 + HUB_FRESH_PER_ADDR_MAX; c++)
        assert_true(hub_on_open(r->hub, c, STR("6.6.6.6")));
    assert_false(hub_on_open(r->hub, 200, STR("6.6.6.6")));
    assert_true(hub_on_open(r->hub, 201, STR("7.7.7.7")));
    rig_pass(r, (HUB_JOIN_S + 1) * (int64_t)S);
    assert_says(r, 100, "bye", "\"idle\"");
    assert_string_equal(r->inbox[163].closed, "idle");
    assert_true(hub_on_open(r->hub, 202, STR("6.6.6.6")));
}

static void the_welcome(void **state) {
    struct rig *r = *state;
    rig_enter(r, HOST, "host", "host");
    const char *w = rig_last(r, HOST, "welcome", NULL);
    assert_non_null(strstr(w, "\"you\":{\"id\":\"host\",\"name\":\"Пані host\",\"role\":\"host\"}"));
    assert_non_null(strstr(w, "\"title\":\"Педагогічна вітальня\""));
    assert_non_null(strstr(w, "\"life\":\"scheduled\""));
    assert_non_null(strstr(w, "\"moderate\":true"));
    assert_non_null(strstr(w, "\"resumed\":false"));
    assert_non_null(strstr(w, "\"stage\":[\"host\"]"));
    assert_int_equal(rig_seq(w), 2); /* created, joined */
    rig_enter(r, ANN, "ann", "attendee");
    assert_says(r, HOST, "joined", "\"who\":\"ann\"");
    w = rig_last(r, ANN, "welcome", NULL);
    assert_null(strstr(w, "\"moderate\""));
    assert_silent(r, ANN, "joined", "\"who\":\"ann\""); /* the snapshot has it */
}

static void nobody_hears_what_is_not_on_disk(void **state) {
    struct rig *r = *state;
    rig_class(r);
    r->is_manual = true;
    rig_say(r, ANN, "{\"type\":\"chat\",\"id\":4,\"text\":\"перше\"}");
    rig_say(r, BOB, "{\"type\":\"hand\",\"id\":5,\"on\":true}");
    rig_enter(r, EVE, "eve", "attendee"); /* the snapshot would show both */
    for (uint64_t c = HOST; c <= EVE; c++)
        assert_int_equal(r->inbox[c].n, 0);
    rig_commit(r, 1);
    assert_says(r, HOST, "chat", "перше");
    const struct rig_inbox *in = &r->inbox[ANN];
    assert_int_equal(in->n, 2); /* the event, then the answer to who asked for it */
    assert_non_null(strstr(in->v[0], "\"type\":\"chat\""));
    assert_non_null(strstr(in->v[1], "{\"type\":\"ok\",\"id\":4"));
    assert_int_equal(rig_seq(in->v[0]), rig_seq(in->v[1]));
    assert_int_equal(rig_count(r, BOB, "ok"), 0);
    assert_int_equal(r->inbox[EVE].n, 0);
    rig_commit(r, 1);
    assert_int_equal(rig_count(r, BOB, "ok"), 1);
    assert_int_equal(r->inbox[EVE].n, 0);
    rig_commit(r, 1);
    const char *w = rig_last(r, EVE, "welcome", NULL);
    assert_non_null(strstr(w, "\"hands\":[\"bob\"]"));
    assert_non_null(strstr(w, "перше"));
    assert_int_equal(r->inbox[EVE].n, 1); /* nothing of the snapshot comes twice */
}

static void so_already(void **state) {
    struct rig *r = *state;
    rig_class(r);
    rig_say(r, ANN, "{\"type\":\"hand\",\"id\":1,\"on\":true}");
    rig_say(r, ANN, "{\"type\":\"hand\",\"id\":2,\"on\":true}");
    assert_says(r, ANN, "ok", "\"id\":2");
    assert_int_equal(rig_count(r, HOST, "hand"), 1);
    size_t n = r->inbox[ANN].n;
    rig_say(r, ANN, "{\"type\":\"hand\",\"on\":false}");
    assert_int_equal(r->inbox[ANN].n, n + 1); /* no id, no ok: just the event */
}

static void resuming(void **state) {
    struct rig *r = *state;
    rig_class(r);
    rig_say(r, BOB, "{\"type\":\"chat\",\"text\":\"до розриву\"}");
    uint64_t since = rig_seq(rig_last(r, ANN, "chat", NULL));
    hub_on_close(r->hub, ANN);
    rig_say(r, BOB, "{\"type\":\"chat\",\"text\":\"під час\"}");
    rig_say(r, HOST, "{\"type\":\"lock\",\"on\":true}");
    rig_pass(r, 10 * S);
    rig_enter_since(r, EVE, "ann", "attendee", since);
    assert_says(r, EVE, "welcome", "\"resumed\":true");
    assert_silent(r, EVE, "welcome", "snapshot");
    assert_int_equal(r->inbox[EVE].n, 3);
    assert_non_null(strstr(r->inbox[EVE].v[1], "під час"));
    assert_non_null(strstr(r->inbox[EVE].v[2], "\"locked\""));
    assert_silent(r, HOST, "left", NULL); /* the others never noticed */
    rig_say(r, HOST, "{\"type\":\"chat\",\"text\":\"далі\"}");
    assert_int_equal(r->inbox[EVE].n, 4);
}

static void resuming_what_is_too_old(void **state) {
    struct rig *r = *state;
    rig_class(r);
    hub_on_close(r->hub, ANN);
    for (int i = 0; i < HUB_TAIL_MAX; i++) {
        rig_say(r, BOB, "{\"type\":\"hand\",\"on\":%s}", i % 2 ? "false" : "true");
        if (i % 4 == 3)
            rig_pass(r, 9 * S);
        if (i % 4 == 3)
            rig_say(r, BOB, "{\"type\":\"ping\"}");
    }
    rig_enter_since(r, EVE, "ann", "attendee", 5);
    assert_says(r, EVE, "welcome", "\"resumed\":false");
    assert_says(r, EVE, "welcome", "snapshot");
    rig_enter_since(r, 5, "ann", "attendee", 99999999); /* a number from nowhere */
    assert_says(r, 5, "welcome", "\"resumed\":false");
}

static void leaving_and_being_lost(void **state) {
    struct rig *r = *state;
    rig_class(r);
    rig_say(r, ANN, "{\"type\":\"leave\",\"id\":1}");
    assert_says(r, HOST, "left", "\"who\":\"ann\",\"reason\":\"left\"");
    assert_says(r, ANN, "bye", "\"left\"");
    assert_string_equal(r->inbox[ANN].closed, "left");
    hub_on_close(r->hub, BOB);
    rig_say(r, HOST, "{\"type\":\"ping\"}");
    rig_pass(r, (HUB_GRACE_S - 1) * (int64_t)S);
    assert_silent(r, HOST, "left", "bob");
    rig_pass(r, 2 * S);
    assert_says(r, HOST, "left", "\"who\":\"bob\",\"reason\":\"lost\"");
    rig_enter_since(r, EVE, "bob", "attendee", 3); /* later than that: joined again, and still resumed */
    assert_says(r, HOST, "joined", "\"who\":\"bob\"");
    assert_says(r, EVE, "welcome", "\"resumed\":true");
    assert_says(r, EVE, "left", "bob");
    assert_says(r, EVE, "joined", "bob");
}

static void taking_over(void **state) {
    struct rig *r = *state;
    rig_class(r);
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"camera\",\"on\":true}");
    rig_enter(r, EVE, "host", "host");
    assert_says(r, HOST, "bye", "\"replaced\"");
    assert_string_equal(r->inbox[HOST].closed, "replaced");
    hub_on_close(r->hub, HOST); /* the socket's end arrives later */
    rig_pass(r, 20 * S);
    assert_silent(r, ANN, "left", NULL);
    assert_says(r, ANN, "source", "\"source\":\"camera\",\"on\":false"); /* a fresh page sends nothing yet */
    assert_says(r, EVE, "welcome", "\"sources\":[]");
}

static void the_lobby(void **state) {
    struct rig *r = *state;
    rig_class(r);
    rig_say(r, HOST, "{\"type\":\"lobby\",\"on\":true}");
    rig_enter(r, EVE, "eve", "attendee");
    assert_says(r, EVE, "welcome", "\"state\":\"waiting\"");
    assert_silent(r, EVE, "welcome", "snapshot");
    assert_silent(r, EVE, "welcome", "members");
    assert_says(r, HOST, "waiting", "\"who\":\"eve\"");
    assert_silent(r, ANN, "waiting", NULL); /* who may moderate only */
    rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"тс\"}");
    assert_int_equal(rig_count(r, EVE, "chat"), 0);
    rig_say(r, EVE, "{\"type\":\"chat\",\"id\":2,\"text\":\"пустіть\"}");
    assert_says(r, EVE, "error", "\"denied\"");
    rig_say(r, HOST, "{\"type\":\"admit\",\"who\":\"eve\"}");
    assert_says(r, EVE, "welcome", "\"state\":\"in\"");
    assert_says(r, EVE, "welcome", "тс");
    assert_silent(r, EVE, "joined", NULL);
    rig_enter(r, 5, "mallory", "attendee");
    rig_say(r, HOST, "{\"type\":\"deny\",\"who\":\"mallory\"}");
    assert_says(r, 5, "bye", "\"denied\"");
    assert_silent(r, ANN, "left", NULL);
}

static void removal_and_ban(void **state) {
    struct rig *r = *state;
    rig_class(r);
    rig_say(r, HOST, "{\"type\":\"remove\",\"who\":\"ann\",\"ban\":true}");
    assert_says(r, ANN, "bye", "\"removed\"");
    assert_says(r, BOB, "removed", "\"who\":\"ann\",\"ban\":true");
    rig_enter(r, EVE, "ann", "attendee");
    assert_says(r, EVE, "error", "\"denied\"");
    assert_silent(r, EVE, "welcome", NULL);
    rig_say(r, BOB, "{\"type\":\"remove\",\"id\":3,\"who\":\"host\"}");
    assert_says(r, BOB, "error", "\"id\":3,\"error\":\"denied\"");
}

static void join_as_account(struct rig *r, uint64_t conn, int64_t user, int64_t iat_s) {
    struct ticket t = {
        .room = "r1", .name = "Іван", .role = "attendee", .user = user, .iat_s = iat_s, .exp_s = 1LL << 40};
    char text[TICKET_MAX + 1], addr[32];
    snprintf(t.sub, sizeof t.sub, "u%lld", (long long)user);
    assert_int_equal(ticket_mint(text, &t, (struct bytes){r->key, sizeof r->key}), 0);
    snprintf(addr, sizeof addr, "10.1.0.%u", (unsigned)conn);
    assert_true(hub_on_open(r->hub, conn, str_of(addr)));
    rig_say(r, conn, "{\"type\":\"join\",\"id\":1,\"ticket\":\"%s\"}", text);
}

static void gone(struct rig *r, int64_t user) { hub_user_gone(r->hub, user, 1700000000 + r->now_us / S); }

static void a_blocked_account(void **state) {
    enum { OLD = 1, NEW = INT32_MAX };
    struct rig *r = *state;
    rig_class(r);
    join_as_account(r, EVE, 5, OLD);
    join_as_account(r, 5, 6, OLD);
    rig_say(r, HOST, "{\"type\":\"lobby\",\"on\":true}");
    join_as_account(r, 6, 7, OLD);
    assert_says(r, 6, "welcome", "waiting");
    gone(r, 5);
    gone(r, 7);
    gone(r, 99); /* nowhere */
    rig_settle(r);
    assert_says(r, EVE, "bye", "\"removed\"");
    assert_says(r, 6, "bye", "\"denied\"");
    assert_silent(r, 5, "bye", NULL);
    assert_says(r, BOB, "removed", "\"who\":\"u5\"");
    join_as_account(r, 7, 5, OLD);
    assert_says(r, 7, "error", "\"auth\"");
    join_as_account(r, 8, 5, NEW); /* signed in again meanwhile: comes as a stranger, not as banned */
    assert_says(r, 8, "welcome", "waiting");
    for (int64_t user = 100; user < 100 + HUB_VOID_USERS_MAX; user++)
        gone(r, user);
    join_as_account(r, 9, 5, OLD); /* so many later, the first is forgotten */
    assert_says(r, 9, "welcome", NULL);
}

static void a_role_brings_its_permissions(void **state) {
    struct rig *r = *state;
    rig_class(r);
    rig_say(r, HOST, "{\"type\":\"role\",\"who\":\"ann\",\"role\":\"speaker\"}");
    assert_says(r, ANN, "can", "\"publish_screen\":true");
    assert_silent(r, BOB, "can", NULL);
    assert_says(r, BOB, "staged", "\"who\":\"ann\"");
}

static void rates(void **state) {
    struct rig *r = *state;
    rig_class(r);
    for (int i = 0; i < 5; i++)
        rig_say(r, ANN, "{\"type\":\"chat\",\"id\":%d,\"text\":\"x\"}", i + 1);
    assert_int_equal(rig_count(r, ANN, "ok"), 5);
    rig_say(r, ANN, "{\"type\":\"chat\",\"id\":6,\"text\":\"x\"}");
    assert_says(r, ANN, "error", "\"id\":6,\"error\":\"rate\"");
    assert_says(r, ANN, "error", "\"retry_ms\":1001");
    rig_say(r, ANN, "{\"type\":\"hand\",\"id\":7,\"on\":true}"); /* another class */
    assert_says(r, ANN, "ok", "\"id\":7");
    rig_pass(r, 1001000);
    rig_say(r, ANN, "{\"type\":\"chat\",\"id\":8,\"text\":\"x\"}");
    assert_says(r, ANN, "ok", "\"id\":8");
    rig_say(r, ANN, "{\"type\":\"chat\",\"id\":9,\"text\":\"x\"}");
    assert_says(r, ANN, "error", "\"id\":9,\"error\":\"rate\"");
}

static void rubbish(void **state) {
    struct rig *r = *state;
    struct buf b;
    rig_class(r);
    buf_init(&b, 1 << 20);
    while (b.n < 70000)
        buf_z(&b, "{\"type\":");
    hub_on_message(r->hub, ANN, buf_view(&b));
    assert_says(r, ANN, "error", "\"too_large\"");
    buf_fini(&b);
    rig_say(r, ANN, "%s", "{\"type\":\"hand\"}");
    assert_says(r, ANN, "error", "\"field\":\"on\"");
    rig_say(r, ANN, "%s", "{\"type\":\"dance\",\"id\":3}");
    assert_says(r, ANN, "error", "\"id\":3,\"error\":\"unsupported\"");
    for (int i = 0; i < 60; i++)
        rig_say(r, ANN, "%s", "nonsense");
    assert_says(r, ANN, "bye", "\"invalid\"");
    assert_string_equal(r->inbox[ANN].closed, "invalid");
    assert_string_equal(r->inbox[BOB].closed, "");
}

static void a_slow_reader(void **state) {
    struct rig *r = *state;
    rig_class(r);
    r->inbox[ANN].is_full = true;
    uint64_t since = 3;
    rig_say(r, BOB, "{\"type\":\"chat\",\"text\":\"раз\"}");
    assert_string_equal(r->inbox[ANN].closed, "slow");
    assert_int_equal(r->inbox[ANN].n, 1); /* what had no place is not there, its last word is */
    assert_says(r, ANN, "bye", "\"slow\"");
    assert_says(r, HOST, "chat", "раз"); /* others are not held up */
    rig_enter_since(r, EVE, "ann", "attendee", since);
    assert_says(r, EVE, "welcome", "\"resumed\":true");
    assert_says(r, EVE, "chat", "раз");
    assert_silent(r, HOST, "left", NULL);
}

static void heartbeat(void **state) {
    struct rig *r = *state;
    rig_class(r);
    for (int i = 0; i < 5; i++) {
        rig_pass(r, HUB_PING_S * (int64_t)S);
        rig_say(r, HOST, "{\"type\":\"ping\"}");
    }
    assert_int_equal(rig_count(r, HOST, "pong"), 5);
    assert_int_equal(rig_seq(rig_last(r, HOST, "pong", NULL)), r->log[r->log_n - 1].seq);
    assert_says(r, ANN, "bye", "\"idle\"");
    assert_string_equal(r->inbox[HOST].closed, "");
    assert_says(r, HOST, "left", "\"who\":\"ann\",\"reason\":\"lost\"");
}

static void a_big_room(void **state) {
    struct rig *r = *state;
    char id[16];
    enum { CROWD = HUB_ROSTER_MAX + 30 };
    rig_class(r);
    for (uint64_t i = 0; i < CROWD; i++) {
        snprintf(id, sizeof id, "g%u", (unsigned)i);
        rig_enter(r, 100 + i, id, "attendee");
        rig_pass(r, 10000);
    }
    assert_int_equal(rig_count(r, HOST, "joined"), CROWD); /* who moderates sees everybody */
    assert_true(rig_count(r, ANN, "joined") < HUB_ROSTER_MAX);
    size_t told = rig_count(r, ANN, "presence");
    assert_true(told > 0 && told <= 3); /* at most one a second */
    assert_int_equal(rig_count(r, HOST, "presence"), 0);
    const char *w = rig_last(r, 100 + CROWD - 1, "welcome", NULL);
    assert_non_null(strstr(w, "\"partial\":true"));
    assert_null(strstr(w, "\"g3\"")); /* nobody else's child is listed */
    assert_non_null(strstr(w, "\"host\""));
    rig_clear(r, ANN);
    rig_say(r, 110, "{\"type\":\"hand\",\"on\":true}");
    assert_silent(r, ANN, "hand", NULL);
    assert_says(r, 110, "hand", NULL);
    assert_says(r, HOST, "hand", "\"g10\"");
    rig_say(r, HOST, "{\"type\":\"stage\",\"who\":\"g10\"}");
    assert_says(r, ANN, "staged", "\"name\":\"Пані g10\"");
    rig_enter(r, 400, "late", "attendee"); /* what has changed is told anew */
    w = rig_last(r, 400, "welcome", NULL);
    assert_non_null(strstr(w, "\"stage\":[\"host\",\"g10\"]"));
    assert_non_null(strstr(w, "\"late\",\"name\""));
    rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"щойно\"}");
    rig_say(r, 400, "{\"type\":\"hand\",\"on\":true}");
    rig_enter(r, 401, "late", "attendee"); /* in another window */
    w = rig_last(r, 401, "welcome", NULL);
    assert_non_null(strstr(w, "щойно"));
    assert_non_null(strstr(w, "\"hands\":[\"late\"]"));
    rig_say(r, 401, "{\"type\":\"leave\"}");
    rig_say(r, 120, "{\"type\":\"leave\"}");
    assert_silent(r, ANN, "left", NULL);
    rig_pass(r, 2 * S);
    assert_says(r, ANN, "presence", "\"count\":182");
}

static void without_media(void **state) {
    struct rig *r = *state;
    rig_class(r);
    rig_say(r, HOST, "{\"type\":\"publish\",\"id\":1,\"sdp\":\"v=0\"}");
    assert_says(r, HOST, "error", "\"busy\"");
    rig_say(r, ANN, "{\"type\":\"want\",\"id\":2,\"picks\":[]}");
    assert_says(r, ANN, "error", "\"conflict\"");
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORY(strangers),
        STORY(an_old_ticket),
        STORY(idle_and_crowding_strangers),
        STORY(the_welcome),
        STORY(nobody_hears_what_is_not_on_disk),
        STORY(so_already),
        STORY(resuming),
        STORY(resuming_what_is_too_old),
        STORY(leaving_and_being_lost),
        STORY(taking_over),
        STORY(the_lobby),
        STORY(removal_and_ban),
        STORY(a_blocked_account),
        STORY(a_role_brings_its_permissions),
        STORY(rates),
        STORY(rubbish),
        STORY(a_slow_reader),
        STORY(heartbeat),
        STORY(a_big_room),
        STORY(without_media),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Questions, the timer and reactions through the hub: who is told what, whose they are, and what goes out in
 * sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/mem.h"
#include "server/signaling/snap.h"
#include "server/signaling/tally.h"
#include "tests/unit/hub_rig.h"
#include "tests/unit/room_rig.h"

enum { S = 1000000, HOST = 1, ANN = 2, BOB = 3, FIRST = 10, CROWD = 200 };

static int setup(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    rig_open(r, NULL);
    rig_class(r);
    *state = r;
    return 0;
}

static int teardown(void **state) {
    rig_close(*state);
    mem_free(*state);
    return 0;
}

static uint64_t ask(struct rig *r, uint64_t conn, const char *more) {
    rig_say(r, conn, "{\"type\":\"ask\",\"id\":4,\"text\":\"Чому?\"%s}", more);
    assert_says(r, conn, "ok", "\"id\":4");
    return rig_seq(rig_last(r, HOST, "asked", NULL));
}

static void set(struct rig *r, uint64_t conn, uint64_t n, const char *state) {
    rig_say(r, conn, "{\"type\":\"ask_state\",\"id\":5,\"n\":%llu,\"state\":\"%s\"}", (unsigned long long)n,
            state);
}

static void vote(struct rig *r, uint64_t conn, uint64_t n) {
    rig_say(r, conn, "{\"type\":\"ask_vote\",\"id\":6,\"n\":%llu,\"on\":true}", (unsigned long long)n);
}

static void asked_and_answered(void **state) {
    struct rig *r = *state;
    uint64_t n = ask(r, ANN, "");
    assert_says(r, BOB, "asked", "\"name\":\"Пані ann\"");
    vote(r, ANN, n);
    assert_says(r, ANN, "error", "\"conflict\""); /* one's own */
    vote(r, BOB, n);
    vote(r, BOB, n); /* so already */
    assert_says(r, ANN, "votes", "\"votes\":1");
    assert_silent(r, ANN, "ask_vote", NULL);
    set(r, BOB, n, "live");
    assert_says(r, BOB, "error", "\"denied\"");
    set(r, BOB, n, "dismissed");
    assert_says(r, BOB, "error", "\"denied\"");
    set(r, HOST, n, "live");
    assert_says(r, BOB, "ask_state", "\"state\":\"live\"");
    vote(r, HOST, n);
    assert_says(r, HOST, "error", "\"conflict\""); /* it is being answered */
    rig_say(r, HOST, "{\"type\":\"ask_state\",\"n\":%llu,\"state\":\"answered\",\"text\":\"Тому\"}",
            (unsigned long long)n);
    assert_says(r, BOB, "ask_state", "\"text\":\"Тому\"");
    rig_enter(r, 5, "ann", "attendee");
    assert_says(r, 5, "welcome", "\"state\":\"answered\",\"answer\":\"Тому\",\"votes\":1}]");
    assert_says(r, 5, "welcome", "\"asked\":[");
    rig_enter(r, 6, "bob", "attendee");
    assert_says(r, 6, "welcome", "\"asked\":[],\"voted\":[");
    char asked[48];
    snprintf(asked, sizeof asked, "\"asked\":[%llu],\"voted\":[]", (unsigned long long)n);
    rig_enter_since(r, 7, "ann", "attendee", n);
    assert_says(r, 7, "welcome", "\"resumed\":true");
    assert_says(r, 7, "welcome", asked); /* the cut may have taken the ok */
}

static void without_a_name(void **state) {
    struct rig *r = *state;
    size_t before = r->log_n;
    uint64_t first = ask(r, ANN, ",\"anonymous\":true"), second = ask(r, ANN, ",\"anonymous\":true");
    char one[64], two[64];
    for (size_t i = before; i < r->log_n; i++)
        assert_null(strstr(r->log[i].json, "ann"));
    const char *a = strstr(r->log[before].json, "\"by\":\"."),
               *b = strstr(r->log[before + 1].json, "\"by\":\".");
    assert_non_null(a);
    assert_non_null(b);
    snprintf(one, sizeof one, "%.20s", a);
    snprintf(two, sizeof two, "%.20s", b);
    assert_string_not_equal(one, two); /* nor can two be put together */
    assert_null(strstr(rig_last(r, HOST, "asked", NULL), "name"));
    vote(r, ANN, first);
    assert_says(r, ANN, "error", "\"conflict\"");
    set(r, ANN, second, "dismissed"); /* she takes it back, and that tells nobody who she is */
    assert_says(r, BOB, "ask_state", "\"state\":\"dismissed\"");
    assert_null(strstr(r->log[r->log_n - 1].json, "ann"));
    rig_enter(r, 5, "ann", "attendee");
    assert_says(r, 5, "welcome", "\"asked\":[");
    assert_silent(r, 5, "welcome", "\"asked\":[]");
    assert_silent(r, 5, "welcome", "dismissed");
    rig_enter(r, 6, "host", "host");
    assert_says(r, 6, "welcome", "dismissed");
    rig_say(r, HOST, "{\"type\":\"ping\"}");
    rig_enter(r, 7, "host2", "host");
    rig_say(r, 7, "{\"type\":\"ask\",\"id\":4,\"text\":\"Хто?\",\"anonymous\":true}");
    assert_says(r, 7, "ok", "\"id\":4");
}

static void never_told(const struct rig *r, uint64_t conn, const char *words) {
    for (size_t i = 0; i < r->inbox[conn].n; i++)
        if (strstr(r->inbox[conn].v[i], words))
            fail_msg("%llu was told: %s", (unsigned long long)conn, r->inbox[conn].v[i]);
}

/* Seen by hosts and who asked, with a name or without, in no way by anybody else, until it is let through. */
static void seen_by_hosts_first(void **state) {
    struct rig *r = *state;
    rig_say(r, ANN, "{\"type\":\"ask_rules\",\"id\":3,\"on\":true}");
    assert_says(r, ANN, "error", "\"denied\"");
    rig_say(r, HOST, "{\"type\":\"ask_rules\",\"on\":true}");
    assert_says(r, BOB, "ask_rules", "\"on\":true");
    for (uint64_t nameless = 0; nameless < 2; nameless++) {
        const uint64_t host = 10 + 20 * nameless, ann = host + 1, bob = host + 2,
                       late = host + 3; /* sockets */
        rig_enter(r, host, "host", "host");
        rig_enter(r, ann, "ann", "attendee");
        rig_enter(r, bob, "bob", "attendee");
        const char *words = nameless ? "Потай" : "Тихо";
        rig_say(r, ann, "{\"type\":\"ask\",\"id\":4,\"text\":\"%s\",\"anonymous\":%s}", words,
                nameless ? "true" : "false");
        const char *told = rig_last(r, host, "ask_waits", words);
        assert_int_equal(strstr(told, "ann") == NULL, nameless);
        uint64_t n = rig_seq(told), since = n - 1;
        assert_says(r, ann, "ask_waits", words);
        vote(r, bob, n);
        assert_says(r, bob, "error", "\"not_found\"");
        rig_say(r, bob, "{\"type\":\"report\",\"id\":8,\"n\":%llu}", (unsigned long long)n);
        assert_says(r, bob, "error", "\"id\":8");
        vote(r, host, n);
        assert_says(r, host, "error", "\"conflict\"");
        never_told(r, bob, words);
        rig_enter_since(r, late, "bob", "attendee", since);
        assert_says(r, late, "welcome", "\"resumed\":true");
        never_told(r, late, words);
        rig_enter(r, late + 1, "ann", "attendee");
        assert_says(r, late + 1, "welcome", "\"asks_own\":[{");
        rig_crash(r);
        rig_enter(r, late + 2, "host", "host");
        assert_says(r, late + 2, "welcome", "\"waits\":true");
        rig_enter(r, late + 3, "ann", "attendee");
        rig_enter(r, late + 4, "bob", "attendee");
        assert_says(r, late + 4, "welcome", "\"asks\":[");
        never_told(r, late + 4, words);
        set(r, late + 2, n, "dismissed");
        assert_says(r, late + 3, "ask_turned", NULL);
        assert_silent(r, late + 4, "ask_turned", NULL);
        set(r, late + 2, n, "open"); /* he thinks better of it */
        told = rig_last(r, late + 4, "ask_passed", words);
        assert_non_null(told);
        assert_int_equal(strstr(told, "ann") == NULL, nameless);
        vote(r, late + 4, n);
        assert_says(r, late + 4, "ok", "\"id\":6");
        rig_enter(r, late + 5, "eve", "attendee");
        assert_says(r, late + 5, "welcome", words);
    }
    rig_enter(r, 60, "host", "host");
    rig_enter(r, 61, "ann", "attendee");
    rig_enter(r, 62, "bob", "attendee");
    rig_say(r, 60, "{\"type\":\"ask_rules\",\"on\":false}");
    rig_say(r, 61, "{\"type\":\"ask\",\"text\":\"Чому?\"}");
    assert_says(r, 62, "asked", "Чому?");
}

/* What is not shown to somebody takes no place of what is. */
static void many_unseen(void **state) {
    struct room r;
    char text[ASK_CHARS + 1];
    (void)state;
    memset(text, 'a', ASK_CHARS);
    text[ASK_CHARS] = 0;
    room_init(&r, &(struct room_cfg){&rig_webinar, RECORD_MANUAL, false, 0});
    struct event e = {.seq = 1, .type = EV_ASKED, .text = STR("Видно всім"), .by = "ann", .name = "Ann"};
    room_evolve(&r, &e);
    e.type = EV_ASK_WAITS;
    e.text = str_of(text);
    for (e.seq = 2; e.seq < 4 + SNAP_ASKS_BYTES / ASK_CHARS; e.seq++)
        room_evolve(&r, &e);
    struct json *all = snap_asks(&r, NULL, 0), *leads = snap_asks(&r, NULL, CAN_MODERATE);
    assert_int_equal(json_len(all), 1);
    assert_int_equal(json_len(leads), SNAP_ASKS_BYTES / ASK_CHARS);
    json_free(all);
    json_free(leads);
    room_fini(&r);
}

static void merging(void **state) {
    struct rig *r = *state;
    uint64_t one = ask(r, ANN, ""), two = ask(r, BOB, "");
    vote(r, BOB, one);
    vote(r, ANN, two);
    rig_say(r, HOST, "{\"type\":\"ask_merge\",\"n\":%llu,\"into\":%llu}", (unsigned long long)two,
            (unsigned long long)one);
    assert_says(r, ANN, "ask_merged", NULL);
    rig_pass(r, 2 * S);
    rig_enter(r, 5, "eve", "attendee");
    assert_says(r, 5, "welcome",
                "\"votes\":1}]"); /* Bob voted and asked the same: one voice; Ann asked it herself */
    rig_crash(r);
    rig_enter(r, 6, "eve", "attendee");
    assert_says(r, 6, "welcome", "\"votes\":1}]");
}

static void a_timer_for_all(void **state) {
    struct rig *r = *state;
    rig_say(r, ANN, "{\"type\":\"timer\",\"id\":1,\"on\":true,\"seconds\":60}");
    assert_says(r, ANN, "error", "\"denied\"");
    rig_say(r, HOST, "{\"type\":\"timer\",\"id\":1,\"on\":true,\"seconds\":4}");
    assert_says(r, HOST, "error", "\"invalid\"");
    rig_say(r, HOST, "{\"type\":\"timer\",\"on\":true,\"seconds\":60,\"who\":\"ann\",\"text\":\"Виступ\"}");
    assert_says(r, BOB, "timer", "\"seconds\":60");
    assert_says(r, BOB, "timer", "\"name\":\"Пані ann\"");
    rig_crash(r);
    rig_enter(r, 5, "bob", "attendee");
    assert_says(r, 5, "welcome", "\"timer\":{");
    rig_enter(r, 6, "host", "host");
    rig_say(r, 6, "{\"type\":\"timer\",\"on\":false}");
    assert_says(r, 5, "timer", "\"on\":false");
    rig_enter(r, 7, "eve", "attendee");
    assert_silent(r, 7, "welcome", "\"timer\"");
}

static void applause(void **state) {
    struct rig *r = *state;
    for (uint64_t c = FIRST; c < FIRST + CROWD; c++) {
        char id[16];
        snprintf(id, sizeof id, "g%u", (unsigned)c);
        rig_enter(r, c, id, "attendee");
    }
    rig_clear(r, HOST);
    rig_say(r, ANN, "{\"type\":\"react\",\"id\":1,\"n\":6}");
    assert_says(r, ANN, "error", "\"invalid\"");
    size_t before = r->log_n;
    for (uint64_t c = FIRST; c < FIRST + CROWD; c++)
        for (int i = 0; i < 3; i++)
            rig_say(r, c, "{\"type\":\"react\",\"n\":1}");
    rig_pass(r, 2 * S);
    assert_int_equal(rig_count(r, HOST, "reactions"), 2); /* at once, and the rest a second later */
    assert_says(r, HOST, "reactions", "\"counts\":[0,599,0,0,0,0]");
    assert_int_equal(r->log_n, before + 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(asked_and_answered, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_name, setup, teardown),
        cmocka_unit_test_setup_teardown(seen_by_hosts_first, setup, teardown),
        cmocka_unit_test(many_unseen),
        cmocka_unit_test_setup_teardown(merging, setup, teardown),
        cmocka_unit_test_setup_teardown(a_timer_for_all, setup, teardown),
        cmocka_unit_test_setup_teardown(applause, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

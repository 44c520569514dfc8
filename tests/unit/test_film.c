/* film: who shows a video, where it stands at what moment, what a newcomer is told, and for how many it
 * waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "tests/unit/hub_rig.h"
#include "tests/unit/room_rig.h"

enum { HOST = 1, ANN = 2, BOB = 3, LATE = 5 };
#define DO(by, ...) rig_do(r, by, (struct command){__VA_ARGS__}, 2000, NULL)
#define CLIP(file, ms) DO(NULL, .type = CMD_CLIP, .name = file, .text = STR("Урок 1"), .size = ms)

static int setup(void **state) { return rig_three(state, &rig_webinar); }

static void only_the_server_brings_them(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("host", .type = CMD_CLIP, .name = "x", .text = STR("x"), .size = 3), -ERR_DENIED);
    assert_int_equal(CLIP("lesson-a", 0), -ERR_INVALID);
    assert_int_equal(CLIP("lesson-a", CLIP_LENGTH_MAX_MS + 1), -ERR_INVALID);
    assert_int_equal(CLIP("", 1), -ERR_INVALID);
    assert_int_equal(DO(NULL, .type = CMD_CLIP, .name = "a", .text = STR("a\nb"), .size = 1), -ERR_INVALID);
    assert_int_equal(CLIP("lesson-a", CLIP_LENGTH_MAX_MS), 0);
    uint64_t n = r->seq;
    assert_int_equal(CLIP("lesson-a", 3), 0); /* told twice, it is there once */
    assert_int_equal(r->film.clip_count, 1);
    assert_string_equal(film_find(r, n)->title, "Урок 1");
    for (int i = 1; i < CLIPS_MAX; i++) {
        struct command c = {.type = CMD_CLIP, .text = STR("x"), .size = 1};
        snprintf(c.name, sizeof c.name, "lesson-%d", i);
        assert_int_equal(rig_do(r, NULL, c, 2000, NULL), 0);
    }
    assert_int_equal(CLIP("one-more", 1), -ERR_FULL);
}

static void shown_by_who_may(void **state) {
    struct room *r = *state;
    assert_int_equal(CLIP("lesson-a", 60000), 0);
    uint64_t one = r->seq;
    const struct film *v = &r->film;
    assert_int_equal(v->shown, 0); /* that it is there does not yet show it */
    assert_int_equal(DO("ann", .type = CMD_VIDEO, .n = one, .on = true), -ERR_DENIED);
    assert_int_equal(DO("ann", .type = CMD_CLIP_DROP, .n = one), -ERR_DENIED);
    assert_int_equal(DO("sp", .type = CMD_VIDEO, .n = 999, .on = true), -ERR_MISSING);
    assert_int_equal(DO("sp", .type = CMD_VIDEO, .on = true), -ERR_INVALID);
    assert_int_equal(DO("sp", .type = CMD_VIDEO, .n = one, .amount = 60001), -ERR_INVALID);
    assert_int_equal(DO("sp", .type = CMD_VIDEO, .n = one, .size = 49), -ERR_INVALID);
    assert_int_equal(DO("sp", .type = CMD_VIDEO, .n = one, .size = 201), -ERR_INVALID);
    assert_int_equal(DO("sp", .type = CMD_VIDEO, .n = one, .on = true, .amount = 60000), 0);
    assert_true(v->shown == one && v->is_playing && v->rate == 100);
    assert_int_equal(v->position_ms, 60000);
    assert_int_equal(v->at_ms, 2000); /* the moment of the event */
    uint64_t seq = r->seq;
    assert_int_equal(DO("sp", .type = CMD_VIDEO, .n = one, .on = true, .amount = 60000), 0);
    assert_int_equal(r->seq, seq + 1); /* of what plays, the same place is another moment */
    assert_int_equal(DO("host", .type = CMD_VIDEO, .n = one, .amount = 5, .size = 150), 0);
    assert_true(!v->is_playing && v->rate == 150);
    seq = r->seq;
    assert_int_equal(DO("host", .type = CMD_VIDEO, .n = one, .amount = 5, .size = 150), 0);
    assert_int_equal(r->seq, seq); /* so already */
    assert_int_equal(DO("host", .type = CMD_VIDEO), 0);
    assert_true(v->shown == 0 && v->position_ms == 0);
    seq = r->seq;
    assert_int_equal(DO("host", .type = CMD_VIDEO), 0);
    assert_int_equal(r->seq, seq);
    assert_int_equal(DO("host", .type = CMD_VIDEO, .n = one, .on = true), 0);
    assert_int_equal(DO("host", .type = CMD_CLIP_DROP, .n = one), 0);
    assert_int_equal(v->shown, 0);
    assert_int_equal(DO("host", .type = CMD_CLIP_DROP, .n = one), -ERR_MISSING);
}

/* One that was uploaded and is deleted is told by its file: its number only the room knows. */
static void deleted_while_it_is_shown(void **state) {
    struct room *r = *state;
    assert_int_equal(CLIP("clip-a", 60000), 0);
    uint64_t one = r->seq;
    assert_int_equal(CLIP("clip-b", 60000), 0);
    assert_int_equal(DO("host", .type = CMD_VIDEO, .n = one, .on = true), 0);
    assert_int_equal(DO(NULL, .type = CMD_CLIP_DROP, .name = "clip-c"), -ERR_MISSING);
    assert_int_equal(DO(NULL, .type = CMD_CLIP_DROP), -ERR_MISSING);
    assert_int_equal(DO(NULL, .type = CMD_CLIP_DROP, .name = "clip-a"), 0);
    assert_int_equal(r->film.shown, 0);
    assert_int_equal(r->film.clip_count, 1);
    assert_null(film_find(r, one));
}

static void what_makes_no_sense_changes_nothing(void **state) {
    struct room *r = *state;
    assert_int_equal(CLIP("lesson-a", 1000), 0);
    uint64_t one = r->seq;
    room_evolve(r, &(struct event){.seq = 90, .type = EV_VIDEO, .n = 77, .on = true});
    assert_int_equal(r->film.shown, 0);
    room_evolve(
        r, &(struct event){.seq = 91, .type = EV_VIDEO, .n = one, .on = true, .amount = 5000, .size = 7});
    assert_int_equal(r->film.position_ms, 1000);
    assert_int_equal(r->film.rate, 100);
    struct event nameless = {.seq = 92, .type = EV_CLIP, .size = 5};
    room_evolve(r, &nameless);
    assert_int_equal(r->film.clip_count, 1);
}

static void done(void *ctx, int err, const char *text) {
    (void)text;
    *(int *)ctx = err;
}

/* Of all who wait one sum, at once and then so often; nobody else's business, and no line of the log. */
static void waits(struct rig *g) {
    size_t lines = g->log_n;
    rig_clear(g, HOST);
    rig_say(g, ANN, "{\"type\":\"stall\",\"on\":true}");
    rig_say(g, BOB, "{\"type\":\"stall\",\"on\":true}");
    assert_int_equal(rig_count(g, HOST, "stalls"), 1);
    assert_says(g, HOST, "stalls", "\"count\":1}");
    rig_pass(g, 2000000);
    assert_says(g, HOST, "stalls", "\"count\":2}");
    rig_say(g, ANN, "{\"type\":\"stall\",\"on\":false}");
    rig_say(g, BOB, "{\"type\":\"stall\",\"on\":false}");
    rig_pass(g, 2000000);
    assert_says(g, HOST, "stalls", "\"count\":0}");
    assert_int_equal(rig_count(g, HOST, "stalls"), 3);
    rig_pass(g, 6000000);
    assert_int_equal(rig_count(g, HOST, "stalls"), 3);
    assert_int_equal(rig_count(g, ANN, "stalls"), 0);
    assert_int_equal(g->log_n, lines);
    rig_say(g, BOB, "{\"type\":\"stall\",\"on\":true}");
    rig_enter(g, 9, "bob", "attendee"); /* he has loaded his page anew: it says so itself if it waits */
    rig_clear(g, HOST);
    rig_pass(g, 2000000);
    assert_says(g, HOST, "stalls", "\"count\":0}");
}

static void everybody_follows(void **state) {
    struct rig *g = mem_zalloc(sizeof *g);
    int err = 1;
    (void)state;
    rig_open(g, NULL);
    rig_class(g);
    struct command c = {.type = CMD_CLIP, .name = "lesson-k1", .text = STR("Урок \"1\" <b>"), .size = 90000};
    hub_command(g->hub, "r1", &c, done, &err);
    rig_pass(g, 1000);
    rig_settle(g);
    rig_pass(g, 1000);
    assert_int_equal(err, 0);
    assert_says(g, ANN, "clip", "\"file\":\"lesson-k1\",\"length\":90000");
    unsigned long long n = rig_seq(rig_last(g, ANN, "clip", NULL));
    rig_say(g, ANN, "{\"type\":\"video\",\"id\":3,\"n\":%llu,\"on\":true,\"position\":0}", n);
    assert_says(g, ANN, "error", "\"denied\"");
    rig_say(g, ANN, "{\"type\":\"clip\",\"id\":4,\"file\":\"x\",\"text\":\"x\",\"length\":1}");
    assert_says(g, ANN, "error", "\"unsupported\"");
    rig_say(g, HOST, "{\"type\":\"video\",\"id\":5,\"n\":%llu,\"on\":true,\"position\":1500}", n);
    assert_says(g, HOST, "ok", "\"id\":5");
    assert_says(g, BOB, "video", "\"on\":true");
    assert_says(g, BOB, "video", "\"position\":1500,\"rate\":100");
    rig_say(g, HOST, "{\"type\":\"video\",\"id\":6,\"n\":%llu,\"on\":true,\"position\":-1}", n);
    assert_says(g, HOST, "error", "\"field\":\"position\"");
    waits(g);
    rig_enter(g, LATE, "eve", "attendee");
    assert_says(g, LATE, "welcome", "\"text\":\"Урок \\\"1\\\" <b>\",\"length\":90000}],\"shown\":");
    assert_says(g, LATE, "welcome", "\"on\":true,\"position\":1500,\"rate\":100,\"at\":");
    rig_crash(g);
    rig_enter(g, LATE + 1, "eve", "attendee");
    assert_says(g, LATE + 1, "welcome", "\"on\":true,\"position\":1500,\"rate\":100,\"at\":");
    rig_close(g);
    mem_free(g);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, rig_three_over)
    const struct CMUnitTest tests[] = {
        STORY(only_the_server_brings_them),  STORY(shown_by_who_may),
        STORY(deleted_while_it_is_shown),    STORY(what_makes_no_sense_changes_nothing),
        cmocka_unit_test(everybody_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

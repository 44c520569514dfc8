/* The life of a live room: crashes and disks, its end, recording, nobody there, the server's own commands. */
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
#include "tests/unit/room_rig.h"

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

static void after_kill_9(void **state) {
    struct rig *r = *state;
    rig_class(r);
    rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"на диску\"}");
    rig_say(r, ANN, "{\"type\":\"hand\",\"on\":true}");
    uint64_t since = rig_seq(rig_last(r, BOB, "hand", NULL));
    r->is_manual = true;
    rig_say(r, BOB, "{\"type\":\"chat\",\"id\":9,\"text\":\"не на диску\"}");
    assert_int_equal(rig_count(r, BOB, "ok"), 0);
    rig_crash(r);
    r->is_manual = false;
    hub_restore(r->hub, "r1");
    rig_settle(r);
    rig_pass(r, 20 * S);
    rig_enter_since(r, 10, "bob", "attendee", since);
    assert_says(r, 10, "welcome", "\"resumed\":true");
    assert_int_equal(r->inbox[10].n, 1); /* nothing was missed; what was never acknowledged is not there */
    rig_enter(r, 11, "host", "host");
    assert_says(r, 11, "welcome", "на диску");
    assert_silent(r, 11, "welcome", "не на диску");
    assert_says(r, 11, "welcome", "\"hands\":[\"ann\"]");
    assert_says(r, 11, "welcome", "\"life\":\"open\"");
    rig_pass(r, 11 * S); /* 31 s: Ann did not come back */
    assert_says(r, 11, "left", "\"who\":\"ann\",\"reason\":\"lost\"");
    assert_silent(r, 11, "left", "bob");
    size_t created = 0;
    for (size_t i = 0; i < r->log_n; i++) {
        created += strstr(r->log[i].json, "\"created\"") != NULL;
        assert_int_equal(r->log[i].seq, i + 1);
    }
    assert_int_equal(created, 1);
}

static void a_journal_that_fails(void **state) {
    struct rig *r = *state;
    rig_class(r);
    r->is_manual = true;
    rig_say(r, ANN, "{\"type\":\"chat\",\"id\":3,\"text\":\"ніколи\"}");
    hub_on_journal_failed(r->hub, "r1", 0);
    assert_says(r, ANN, "bye", "\"busy\"");
    assert_silent(r, HOST, "chat", NULL);
    for (size_t i = r->committed; i < r->log_n; i++)
        mem_free(r->log[i].json);
    r->log_n = r->committed;
    r->is_manual = false;
    rig_enter_since(r, 10, "ann", "attendee", 3); /* comes back; the room is as the disk has it */
    assert_says(r, 10, "welcome", NULL);
    assert_silent(r, 10, "chat", NULL);
}

/* Nobody comes back: the room is in memory all the same, and those who were in it are missed. */
static void a_room_given_up_is_brought_back(void **state) {
    struct rig *r = *state;
    struct hub_brief brief;
    rig_class(r);
    r->is_manual = true;
    rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"ніколи\"}");
    hub_on_journal_failed(r->hub, "r1", 0);
    for (size_t i = r->committed; i < r->log_n; i++)
        mem_free(r->log[i].json);
    r->log_n = r->committed;
    r->is_manual = false;
    assert_false(hub_room_brief(r->hub, "r1", &brief));
    rig_pass(r, 5 * S);
    assert_true(hub_room_brief(r->hub, "r1", &brief));
    assert_int_equal(brief.life, LIFE_OPEN);
    assert_int_equal(brief.present, 3);
    rig_pass(r, (HUB_RESTORE_GRACE_S + 1) * (int64_t)S);
    assert_true(hub_room_brief(r->hub, "r1", &brief));
    assert_int_equal(brief.present, 0);
}

/* A newcomer is told the last of what was said, however long the messages were. */
static void a_long_talk(void **state) {
    struct rig *r = *state;
    char text[ROOM_TEXT_MAX / 4 * 2 + 1] = "";
    for (size_t i = 0; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "є", 2);
    rig_class(r);
    for (int i = 0; i < 60; i++) {
        rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"%d %.3990s\"}", i, text);
        rig_pass(r, S + S / 10);
    }
    rig_enter(r, EVE, "eve", "attendee");
    const char *w = rig_last(r, EVE, "welcome", NULL);
    assert_non_null(w);
    assert_true(strlen(w) > PROTO_CHAT_BYTES / 2 && strlen(w) < PROTO_CHAT_BYTES + 16384);
    assert_non_null(strstr(w, "\"text\":\"59 "));
    assert_null(strstr(w, "\"text\":\"20 "));
}

static void the_end(void **state) {
    struct rig *r = *state;
    rig_class(r);
    rig_say(r, HOST, "{\"type\":\"record\",\"on\":true}");
    assert_true(rig_ordered(r, "start r1"));
    rig_say(r, HOST, "{\"type\":\"end\",\"id\":8}");
    assert_says(r, ANN, "recording", "\"on\":false");
    assert_says(r, ANN, "ended", NULL);
    assert_says(r, ANN, "bye", "\"ended\"");
    assert_says(r, HOST, "ok", "\"id\":8");
    assert_true(rig_ordered(r, "stop r1 final") && rig_ordered(r, "life r1 ended"));
    assert_false(rig_ordered(r, "stop r1")); /* one order, not two children one after the other */
    struct hub_brief brief;
    assert_false(hub_room_brief(r->hub, "r1", &brief));
    rig_enter(r, 10, "ann", "attendee");
    assert_says(r, 10, "error", "\"expired\"");
    assert_false(hub_room_brief(r->hub, "r1", &brief));
}

/* As many rooms are recorded as can be: it is asked again, and what the recorder should show is told then. */
static void no_place_to_record(void **state) {
    struct rig *r = *state;
    struct hub_brief brief;
    r->meta.record = RECORD_AUTO;
    r->no_recorder = true;
    rig_class(r);
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"camera\",\"on\":true}");
    assert_true(rig_ordered(r, "refused r1"));
    assert_true(hub_room_brief(r->hub, "r1", &brief) && !brief.recording);
    r->order_n = 0;
    hub_on_recorder(r->hub, "r1", REASON_FAILED); /* what the program says of it */
    rig_settle(r);
    assert_says(r, ANN, "recording", "\"state\":\"failed\",\"on\":true");
    assert_false(rig_ordered(r, "refused r1")); /* not at once */
    rig_pass(r, HUB_RECORD_RETRY_S * S);
    assert_true(rig_ordered(r, "refused r1"));
    r->no_recorder = false;
    rig_pass(r, HUB_RECORD_RETRY_S * S);
    assert_true(rig_ordered(r, "start r1") && rig_ordered(r, "program r1 host"));
    assert_true(hub_room_brief(r->hub, "r1", &brief) && brief.recording);
}

static void recording(void **state) {
    struct rig *r = *state;
    struct hub_brief brief;
    r->meta.record = RECORD_AUTO;
    rig_class(r);
    assert_true(rig_ordered(r, "start r1"));
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"camera\",\"on\":true}");
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"screen\",\"on\":true}");
    assert_true(rig_ordered(r, "program r1 host") && rig_ordered(r, "screen r1 host"));
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"screen\",\"on\":false}");
    assert_true(rig_ordered(r, "screen r1 -"));
    hub_on_recorder(r->hub, "r1", REASON_GAP);
    rig_settle(r);
    assert_says(r, ANN, "recording", "\"state\":\"gap\",\"on\":true");
    hub_on_recorder(r->hub, "r1", REASON_FAILED);
    rig_settle(r);
    assert_says(r, ANN, "recording", "\"state\":\"failed\",\"on\":true");
    hub_on_recorder(r->hub, "r1", REASON_NONE);
    rig_settle(r);
    assert_says(r, ANN, "recording", "\"state\":\"gap\",\"on\":true");
    hub_on_close(r->hub, HOST);
    hub_on_close(r->hub, ANN);
    hub_on_close(r->hub, BOB);
    rig_pass(r, 40 * S);
    assert_true(hub_room_brief(r->hub, "r1", &brief) && brief.recording);
    assert_false(rig_ordered(r, "stop r1"));
    rig_pass(r, 40 * S); /* 15 s of grace and a minute of nobody: the take is closed */
    assert_true(rig_ordered(r, "stop r1"));
    assert_true(hub_room_brief(r->hub, "r1", &brief) && !brief.recording); /* it pauses */
    assert_false(rig_ordered(r, "stop r1 final"));
    r->order_n = 0;
    rig_enter(r, 10, "host", "host");
    assert_true(rig_ordered(r, "start r1"));
    assert_says(r, 10, "welcome", "\"recording\":true");
}

static void left_alone(void **state) {
    struct rig *r = *state;
    struct hub_brief brief;
    rig_enter(r, HOST, "host", "host"); /* scheduled: unloaded when empty for a while */
    hub_on_close(r->hub, HOST);
    rig_pass(r, (HUB_GRACE_S + HUB_UNLOAD_S + 1) * (int64_t)S);
    assert_false(hub_room_brief(r->hub, "r1", &brief));
    rig_enter(r, 10, "host", "host"); /* and comes back as it was */
    rig_say(r, 10, "{\"type\":\"open\"}");
    hub_on_close(r->hub, 10);
    rig_pass(r, HUB_ABANDON_S * (int64_t)S - 60LL * S);
    assert_true(hub_room_brief(r->hub, "r1", &brief));
    assert_int_equal(brief.life, LIFE_OPEN);
    rig_pass(r, 200LL * S);
    assert_false(hub_room_brief(r->hub, "r1", &brief));
    assert_true(rig_ordered(r, "life r1 ended"));
}

static void a_standing_room(void **state) {
    struct rig *r = *state;
    r->meta.standing = true;
    r->meta.record = RECORD_AUTO;
    rig_enter(r, ANN, "ann", "attendee");
    assert_says(r, ANN, "welcome", "\"life\":\"open\"");
    assert_true(rig_ordered(r, "life r1 open") && rig_ordered(r, "start r1"));
    hub_on_close(r->hub, ANN);
    struct hub_brief brief;
    rig_pass(r, 300LL * S); /* leaves memory, but is not ended */
    assert_true(rig_ordered(r, "stop r1"));
    assert_false(hub_room_brief(r->hub, "r1", &brief));
    assert_false(rig_ordered(r, "life r1 ended"));
    r->order_n = 0;
    rig_enter(r, BOB, "bob", "attendee");
    assert_says(r, BOB, "welcome", "\"life\":\"open\"");
    assert_true(rig_ordered(r, "start r1"));
}

static void a_disk_that_hangs(void **state) {
    struct rig *r = *state;
    rig_class(r);
    r->is_manual = true;
    size_t busy = 0;
    for (int i = 0; i < 4 * HUB_QUEUE_MAX && !busy; i++) {
        rig_say(r, ANN, "{\"type\":\"hand\",\"id\":%d,\"on\":%s}", i + 1, i % 2 ? "false" : "true");
        rig_say(r, ANN, "{\"type\":\"ping\"}");
        rig_pass(r, 2 * S);
        busy = rig_last(r, ANN, "error", "\"busy\"") != NULL;
        rig_clear(r, ANN);
    }
    assert_true(busy);
    assert_true(r->log_n - r->committed <= HUB_QUEUE_MAX);
    r->is_manual = false;
    rig_settle(r);
    rig_say(r, ANN, "{\"type\":\"chat\",\"id\":7,\"text\":\"живі\"}");
    assert_says(r, ANN, "ok", "\"id\":7");
}

struct done {
    int calls, err;
    char text[160];
};
static void on_done(void *ctx, int err, const char *text) {
    struct done *d = ctx;
    d->calls++;
    d->err = err;
    STR_COPY(d->text, str_of(text));
}

static void commands_of_the_server(void **state) {
    struct rig *r = *state;
    struct done d = {0}, again = {0}, missing = {0};
    struct command end = {.type = CMD_END};
    rig_class(r);
    rig_crash(r); /* the room is not in memory */
    hub_command(r->hub, "r1", &end, on_done, &d);
    assert_int_equal(d.calls, 0);
    rig_settle(r);
    rig_pass(r, 1000);
    assert_int_equal(d.calls, 1);
    assert_int_equal(d.err, 0);
    hub_command(r->hub, "r1", &end, on_done, &again);
    hub_command(r->hub, "missing", &end, on_done, &missing);
    assert_int_equal(again.calls, 0);
    rig_settle(r);
    rig_pass(r, 1000);
    assert_int_equal(again.err, -ERR_EXPIRED);
    assert_true(again.text[0] != 0);
    assert_int_equal(missing.err, -ERR_MISSING);
}

/* Called off while people are in the room already, and one waits at the door: all are told why, and it is
 * over. */
static void called_off(void **state) {
    struct rig *r = *state;
    struct done d = {0};
    struct command end = {.type = CMD_END, .reason = REASON_CANCELLED};
    rig_enter(r, 1, "host", "host");
    rig_say(r, 1, "{\"type\":\"lobby\",\"on\":true}");
    rig_enter(r, 2, "ann", "attendee");
    rig_say(r, 1, "{\"type\":\"admit\",\"who\":\"ann\"}");
    rig_enter(r, 3, "bob", "attendee");
    assert_says(r, 3, "welcome", "\"waiting\"");
    hub_command(r->hub, "r1", &end, on_done, &d);
    rig_settle(r);
    rig_pass(r, 1000);
    assert_int_equal(d.err, 0);
    assert_says(r, 2, "ended", "\"state\":\"cancelled\"");
    for (uint64_t c = 1; c <= 3; c++) {
        assert_says(r, c, "bye", "\"cancelled\"");
        assert_string_equal(r->inbox[c].closed, "cancelled");
    }
    assert_true(rig_ordered(r, "life r1 ended"));
    assert_false(rig_ordered(r, "start r1"));
}

static void editing_the_event(void **state) {
    struct rig *r = *state;
    rig_class(r);
    r->meta.title = STR("Інша назва");
    r->meta.record = RECORD_NEVER;
    hub_meta_changed(r->hub, "r1", &r->meta);
    rig_say(r, HOST, "{\"type\":\"record\",\"id\":1,\"on\":true}");
    assert_says(r, HOST, "error", "\"denied\"");
    rig_enter(r, EVE, "eve", "attendee");
    assert_says(r, EVE, "welcome", "Інша назва");
}

static void count_room(void *ctx, const char *room) {
    assert_string_equal(room, "r1");
    ++*(int *)ctx;
}

/* A format changed by the staff: rooms of it that are not open take it, and tell those in them; others do
 * not. */
static void another_format(void **state) {
    struct rig *r = *state;
    struct format f = rig_webinar;
    int n = 0;
    rig_enter(r, HOST, "host", "host");
    rig_enter(r, ANN, "ann", "attendee");
    hub_each_unopened(r->hub, STR("lesson"), count_room, &n);
    assert_int_equal(n, 0);
    hub_each_unopened(r->hub, STR("webinar"), count_room, &n);
    assert_int_equal(n, 1);
    f.can[ROLE_ATTENDEE] &= ~(uint32_t)CAN_CHAT;
    r->meta.rules = &f;
    rig_clear(r, HOST);
    hub_meta_changed(r->hub, "r1", &r->meta);
    f.can[ROLE_ATTENDEE] |= CAN_CHAT; /* it was copied */
    assert_silent(r, ANN, "can", "\"chat\"");
    assert_says(r, ANN, "can", "\"attendee\"");
    assert_silent(r, HOST, "can", NULL);
    rig_say(r, ANN, "{\"type\":\"chat\",\"id\":1,\"text\":\"а\"}");
    assert_says(r, ANN, "error", "\"denied\"");
    rig_say(r, HOST, "{\"type\":\"open\",\"id\":2}");
    hub_each_unopened(r->hub, STR("webinar"), count_room, &n);
    assert_int_equal(n, 1);
}

static void shutting_down(void **state) {
    struct rig *r = *state;
    rig_class(r);
    size_t lines = r->log_n;
    hub_shutdown(r->hub, 2000);
    assert_says(r, ANN, "bye", "\"reason\":\"shutdown\",\"retry_ms\":2000");
    rig_pass(r, 60LL * S);
    assert_int_equal(r->log_n, lines); /* they are still there for the server that comes next */
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORY(after_kill_9),
        STORY(a_journal_that_fails),
        STORY(a_room_given_up_is_brought_back),
        STORY(a_long_talk),
        STORY(the_end),
        STORY(recording),
        STORY(no_place_to_record),
        STORY(left_alone),
        STORY(a_standing_room),
        STORY(a_disk_that_hangs),
        STORY(commands_of_the_server),
        STORY(called_off),
        STORY(editing_the_event),
        STORY(another_format),
        STORY(shutting_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

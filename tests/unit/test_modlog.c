/* modlog, and what it is about: what a role may do for now, reports, bans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/rooms/modlog.h"
#include "tests/unit/room_rig.h"

static struct room r;
static struct modlog book;
static struct modlog_line last;
static size_t lines;

static int setup(void **state) {
    (void)state;
    room_init(&r, &(struct room_cfg){.format = &rig_webinar, .record = RECORD_NEVER});
    modlog_init(&book);
    lines = 0;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    mem_free(last.text);
    last = (struct modlog_line){.by = ""};
    modlog_fini(&book);
    room_fini(&r);
    return 0;
}

static int act(const char *by, struct command c) {
    struct events es;
    int err = rig_do(&r, by, c, 1000, &es);
    for (size_t i = 0; i < es.n; i++) {
        struct modlog_line line;
        if (!modlog_event(&book, &es.v[i], &line))
            continue;
        mem_free(last.text);
        last = line;
        lines++;
    }
    events_fini(&es);
    return err;
}

static int on(const char *by, enum command_type type, const char *who, bool is_on) {
    struct command c = {.type = type, .on = is_on};
    STR_COPY(c.who, str_of(who));
    return act(by, c);
}

static int at(const char *by, enum command_type type, uint64_t n) {
    return act(by, (struct command){.type = type, .n = n, .ask = ASK_DISMISSED});
}

static int say(const char *by, const char *text) {
    return act(by, (struct command){.type = CMD_CHAT, .text = str_of(text)});
}

static int limit(const char *by, enum role role, uint32_t off) {
    return act(by, (struct command){.type = CMD_LIMIT, .role = role, .set = off});
}

static void join(const char *id, enum role role) {
    struct command c = {.type = CMD_JOIN, .role = role};
    STR_COPY(c.who, str_of(id));
    snprintf(c.name, sizeof c.name, "Пан %s", id);
    assert_int_equal(act(NULL, c), 0);
}

static void people(void) {
    join("host", ROLE_HOST);
    join("ann", ROLE_ATTENDEE);
    join("bob", ROLE_ATTENDEE);
    assert_int_equal(on("host", CMD_OPEN, "", true), 0);
    assert_int_equal(lines, 0);
}

static void what_is_off_for_now(void **state) {
    (void)state;
    people();
    on(NULL, CMD_INVITE, "ann", true);
    on("ann", CMD_ACCEPT, "", true);
    assert_int_equal(act("ann", (struct command){.type = CMD_SOURCE, .source = MEDIA_MIC, .on = true}), 0);
    assert_int_equal(act("ann", (struct command){.type = CMD_SOURCE, .source = MEDIA_CAMERA, .on = true}), 0);
    assert_int_equal(limit("host", ROLE_ATTENDEE, CAN_CHAT | CAN_PUBLISH_MIC), 0);
    assert_int_equal(lines, 1);
    assert_string_equal(last.by, "Пан host");
    assert_int_equal(room_member(&r, "ann")->sources, 1U << MEDIA_CAMERA); /* what may go on goes on */
    assert_int_equal(say("ann", "а я?"), -ERR_DENIED);
    assert_int_equal(say("host", "я пишу"), 0);
    assert_int_equal(act("ann", (struct command){.type = CMD_SOURCE, .source = MEDIA_MIC, .on = true}),
                     -ERR_DENIED);
    assert_int_equal(limit("host", ROLE_ATTENDEE, CAN_CHAT | CAN_PUBLISH_MIC), 0);
    assert_int_equal(lines, 1); /* it was so already */
    assert_int_equal(limit("host", ROLE_ATTENDEE, 0), 0);
    assert_int_equal(say("ann", "дякую"), 0);
    assert_int_equal(limit("host", ROLE_ATTENDEE, CAN_STAGE_AUTO), -ERR_INVALID);
    assert_int_equal(limit("host", ROLE_COHOST, CAN_CHAT), -ERR_INVALID);
    assert_int_equal(limit("ann", ROLE_ATTENDEE, CAN_CHAT), -ERR_DENIED);
    /* It is the role's: who becomes a speaker is free of it. */
    assert_int_equal(limit("host", ROLE_ATTENDEE, CAN_CHAT), 0);
    struct command c = {.type = CMD_ROLE, .who = "ann", .role = ROLE_SPEAKER};
    assert_int_equal(act("host", c), 0);
    assert_int_equal(say("ann", "знову я"), 0);
}

static void reports(void **state) {
    (void)state;
    people();
    assert_int_equal(say("ann", "погане слово"), 0);
    uint64_t n = r.seq;
    assert_int_equal(at("ann", CMD_REPORT, n), -ERR_INVALID);
    assert_int_equal(at("bob", CMD_REPORT, n), 0);
    assert_int_equal(at("bob", CMD_REPORT, n), 0);
    assert_int_equal(r.report_count, 1); /* he said so already */
    assert_string_equal(last.text, "погане слово");
    assert_string_equal(last.by, "Пан bob");
    assert_string_equal(last.name, "Пан ann");
    assert_int_equal(at("bob", CMD_REPORT_DONE, n), -ERR_DENIED);
    assert_int_equal(at("host", CMD_UNCHAT, n), 0);
    assert_string_equal(last.text, "погане слово"); /* what it was is still known */
    assert_string_equal(last.who, "ann");
    assert_int_equal(at("host", CMD_REPORT_DONE, n), 0);
    assert_int_equal(r.report_count, 0);
    assert_string_equal(last.text, "погане слово");
    assert_int_equal(at("host", CMD_REPORT_DONE, n), -ERR_MISSING);
    assert_int_equal(at("bob", CMD_REPORT, n), -ERR_MISSING);
    assert_int_equal(lines, 3);
    /* A question without a name stays without one. */
    assert_int_equal(act("ann", (struct command){.type = CMD_ASK, .text = STR("Дурне питання"), .on = true}),
                     0);
    n = r.seq;
    assert_int_equal(at("bob", CMD_REPORT, n), 0);
    assert_true(!last.who[0] && !last.name[0]);
    assert_int_equal(at("host", CMD_ASK_STATE, n), 0);
    assert_int_equal(lines, 5);
    assert_string_equal(last.text, "Дурне питання");
}

/* A private message can be reported by who got it; nobody else knows of it. */
static void private_ones(void **state) {
    (void)state;
    people();
    join("eve", ROLE_HOST);
    struct command c = {.type = CMD_CHAT, .who = "ann", .text = STR("лише тобі")};
    assert_int_equal(act("host", c), 0);
    uint64_t n = r.seq;
    assert_int_equal(at("eve", CMD_REPORT, n), -ERR_MISSING);
    assert_int_equal(at("bob", CMD_REPORT, n), -ERR_MISSING);
    assert_int_equal(at("eve", CMD_UNCHAT, n), -ERR_MISSING);
    assert_int_equal(at("ann", CMD_REPORT, n), 0);
    assert_string_equal(last.text, "лише тобі");
    c = (struct command){.type = CMD_CHAT_EDIT, .n = n, .text = STR("інакше")};
    assert_int_equal(act("ann", c), -ERR_MISSING);
    assert_int_equal(act("host", c), 0);
    assert_string_equal(room_direct_at(&r, 0)->text, "інакше");
    assert_true(room_direct_at(&r, 0)->is_edited);
    assert_int_equal(at("host", CMD_UNCHAT, n), 0);
    assert_int_equal(r.direct_count, 0);
    assert_int_equal(lines, 1); /* what is one's own is no business of a log of moderation */
}

static void bans(void **state) {
    (void)state;
    people();
    assert_int_equal(on("host", CMD_REMOVE, "ann", true), 0);
    assert_string_equal(last.name, "Пан ann");
    assert_int_equal(rig_join(&r, "ann", ROLE_ATTENDEE), -ERR_DENIED);
    assert_int_equal(on("bob", CMD_UNBAN, "ann", true), -ERR_DENIED);
    assert_int_equal(on("host", CMD_UNBAN, "ann", true), 0);
    assert_string_equal(last.name, "Пан ann");
    assert_int_equal(on("host", CMD_UNBAN, "ann", true), -ERR_MISSING);
    assert_int_equal(rig_join(&r, "ann", ROLE_ATTENDEE), 0);
    assert_int_equal(on("host", CMD_LEAVE, "", false), 0); /* his own doing */
    assert_int_equal(lines, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_off_for_now, setup, teardown),
        cmocka_unit_test_setup_teardown(reports, setup, teardown),
        cmocka_unit_test_setup_teardown(private_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(bans, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

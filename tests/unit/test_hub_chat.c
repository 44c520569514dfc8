/* The chat's finer ways through the hub: what is private reaches its parties and nobody else, in no way;
 * answers, changes, a pinned message, a slow chat and one that is the hosts'. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/mem.h"
#include "tests/unit/hub_rig.h"

enum { S = 1000000, HOST = 1, ANN = 2, BOB = 3 };

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

static void never_told(const struct rig *r, uint64_t conn, const char *words) {
    for (size_t i = 0; i < r->inbox[conn].n; i++)
        if (strstr(r->inbox[conn].v[i], words))
            fail_msg("%llu was told: %s", (unsigned long long)conn, r->inbox[conn].v[i]);
}

static void private_ones(void **state) {
    struct rig *r = *state;
    uint64_t since = r->log[r->log_n - 1].seq;
    rig_say(r, ANN, "{\"type\":\"chat\",\"id\":1,\"text\":\"лише ведучим\",\"hosts\":true}");
    assert_says(r, ANN, "ok", "\"id\":1");
    assert_says(r, HOST, "direct", "лише ведучим");
    assert_says(r, ANN, "direct", "лише ведучим"); /* her own */
    rig_say(r, HOST, "{\"type\":\"chat\",\"text\":\"лише Ганні\",\"who\":\"ann\"}");
    assert_says(r, ANN, "direct", "лише Ганні");
    rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"лише пані\",\"who\":\"host\"}"); /* who may write to hosts
                                                                                       answers one */
    assert_says(r, HOST, "direct", "лише пані");
    rig_say(r, ANN, "{\"type\":\"chat\",\"id\":2,\"text\":\"лише Богдану\",\"who\":\"bob\"}");
    assert_says(r, ANN, "error", "\"denied\"");
    rig_enter_since(r, 5, "bob", "attendee", since); /* on return */
    assert_says(r, 5, "welcome", "\"resumed\":true");
    rig_enter(r, 6, "bob", "attendee"); /* in the snapshot */
    for (uint64_t c = BOB; c <= 6; c++)
        never_told(r, c, "лише");
    rig_enter(r, 7, "ann", "attendee");
    assert_says(r, 7, "welcome", "лише Ганні");
    rig_enter(r, 8, "co", "cohost");
    assert_says(r, 8, "welcome", "лише ведучим");
    never_told(r, 8, "лише Ганні"); /* nor a host what is for another person alone */
    rig_crash(r);
    rig_enter(r, 9, "bob", "attendee");
    never_told(r, 9, "лише");
    rig_enter(r, 10, "ann", "attendee");
    assert_says(r, 10, "welcome", "лише пані");
}

static uint64_t said(struct rig *r, uint64_t conn, const char *text) {
    rig_say(r, conn, "{\"type\":\"chat\",\"text\":\"%s\"}", text);
    return rig_seq(rig_last(r, HOST, "chat", text));
}

/* The line went with the answer: the message sent again, on a new one and after a crash, is the same. */
static void sent_again_said_once(void **state) {
    struct rig *r = *state;
    static const char public_one[] = "{\"type\":\"chat\",\"id\":1,\"text\":\"раз\",\"once\":77}",
                      private_one[] =
                          "{\"type\":\"chat\",\"id\":2,\"text\":\"тихо\",\"hosts\":true,\"once\":78}";
    uint64_t since = r->log[r->log_n - 1].seq;
    rig_say(r, HOST, "{\"type\":\"chat_rules\",\"on\":false,\"seconds\":600}");
    rig_say(r, ANN, public_one);
    assert_says(r, ANN, "chat", "\"once\":77");
    rig_say(r, ANN, private_one);
    size_t before = r->log_n;
    rig_enter_since(r, 5, "ann", "attendee", since);
    rig_say(r, 5, public_one); /* a slow chat would refuse another */
    rig_say(r, 5, private_one);
    assert_says(r, 5, "ok", "\"id\":1");
    assert_says(r, 5, "ok", "\"id\":2");
    assert_int_equal(r->log_n, before);
    rig_crash(r);
    rig_enter(r, 6, "ann", "attendee");
    before = r->log_n;
    rig_say(r, 6, public_one);
    rig_say(r, 6, private_one);
    assert_says(r, 6, "ok", "\"id\":2");
    assert_int_equal(r->log_n, before);
    rig_enter(r, 7, "bob", "attendee");
    rig_say(r, 7, public_one); /* his own number, by chance the same */
    assert_says(r, 7, "chat", "\"by\":\"bob\"");
    rig_say(r, 7, "{\"type\":\"chat\",\"id\":3,\"text\":\"раз\",\"once\":-1}");
    assert_says(r, 7, "error", "\"once\"");
}

/* Deleted before its author knew that it was said: sent again it stays deleted, after a crash too. */
static void deleted_stays_so(void **state) {
    struct rig *r = *state;
    static const char words[] = "{\"type\":\"chat\",\"id\":1,\"text\":\"геть\",\"once\":77}";
    rig_say(r, ANN, words);
    uint64_t n = rig_seq(rig_last(r, HOST, "chat", "геть"));
    rig_say(r, HOST, "{\"type\":\"unchat\",\"n\":%llu}", (unsigned long long)n);
    size_t before = r->log_n;
    rig_say(r, ANN, words);
    assert_says(r, ANN, "ok", "\"id\":1");
    assert_int_equal(r->log_n, before);
    rig_crash(r);
    rig_enter(r, 6, "ann", "attendee");
    before = r->log_n;
    rig_say(r, 6, words);
    assert_says(r, 6, "ok", "\"id\":1");
    assert_int_equal(r->log_n, before);
}

static void changed_and_pinned(void **state) {
    struct rig *r = *state;
    uint64_t n = said(r, ANN, "перша");
    rig_say(r, BOB, "{\"type\":\"chat\",\"text\":\"згоден\",\"re\":%llu}", (unsigned long long)n);
    assert_says(r, HOST, "chat", "\"re\":");
    rig_say(r, BOB, "{\"type\":\"chat_edit\",\"id\":1,\"n\":%llu,\"text\":\"не моє\"}",
            (unsigned long long)n);
    assert_says(r, BOB, "error", "\"denied\"");
    rig_say(r, HOST, "{\"type\":\"chat_edit\",\"id\":1,\"n\":%llu,\"text\":\"не моє\"}",
            (unsigned long long)n);
    assert_says(r, HOST, "error", "\"denied\""); /* a moderator deletes, but puts no words in a mouth */
    rig_say(r, ANN, "{\"type\":\"chat_pin\",\"id\":2,\"n\":%llu,\"on\":true}", (unsigned long long)n);
    assert_says(r, ANN, "error", "\"denied\"");
    rig_say(r, HOST, "{\"type\":\"chat_pin\",\"n\":%llu,\"on\":true}", (unsigned long long)n);
    rig_say(r, ANN, "{\"type\":\"chat_edit\",\"n\":%llu,\"text\":\"виправлена\"}", (unsigned long long)n);
    assert_says(r, BOB, "chat_edit", "виправлена");
    rig_enter(r, 5, "eve", "attendee");
    assert_says(r, 5, "welcome", "\"edited\":true");
    assert_says(r, 5, "welcome", "\"pin\":{\"n\":");
    never_told(r, 5, "перша");
    rig_say(r, ANN, "{\"type\":\"unchat\",\"n\":%llu}", (unsigned long long)n);
    rig_enter(r, 6, "eve", "attendee");
    assert_silent(r, 6, "welcome", "\"pin\"");
}

static void slow_and_hosts_only(void **state) {
    struct rig *r = *state;
    rig_say(r, HOST, "{\"type\":\"chat_rules\",\"on\":false,\"seconds\":30}");
    assert_says(r, ANN, "chat_rules", "\"seconds\":30");
    said(r, ANN, "раз");
    rig_say(r, ANN, "{\"type\":\"chat\",\"id\":1,\"text\":\"два\"}");
    assert_says(r, ANN, "error", "\"rate\"");
    said(r, HOST, "ведучий");
    said(r, HOST, "не чекає");
    rig_pass(r, 31 * S);
    said(r, ANN, "три");
    rig_say(r, HOST, "{\"type\":\"chat_rules\",\"on\":true}");
    rig_say(r, BOB, "{\"type\":\"chat\",\"id\":2,\"text\":\"чотири\"}");
    assert_says(r, BOB, "error", "\"denied\"");
    rig_say(r, BOB, "{\"type\":\"chat\",\"id\":3,\"text\":\"тихо\",\"hosts\":true}");
    assert_says(r, BOB, "ok", "\"id\":3");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(private_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(sent_again_said_once, setup, teardown),
        cmocka_unit_test_setup_teardown(deleted_stays_so, setup, teardown),
        cmocka_unit_test_setup_teardown(changed_and_pinned, setup, teardown),
        cmocka_unit_test_setup_teardown(slow_and_hosts_only, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

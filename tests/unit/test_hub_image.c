/* A room with a long past: it is restored from an image and the lines after it, and nobody can tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/mem.h"
#include "tests/unit/hub_rig.h"

enum { HOST = 1, ANN = 2, FIRST_GUEST = 10, GUESTS = 40 };

/* Of the last image, 0 when there is none. */
static uint64_t imaged(const struct rig *r) {
    uint64_t seq = 0;
    for (size_t i = 0; i < r->log_n; i++)
        seq = r->log[i].is_image ? r->log[i].seq : seq;
    return seq;
}

/* What a newcomer is told of the room, without himself. */
static char *told(struct rig *r, uint64_t conn) {
    rig_enter(r, conn, "host", "host");
    const char *welcome = rig_last(r, conn, "welcome", NULL);
    assert_non_null(welcome);
    const char *from = strstr(welcome, "\"snapshot\":"), *to = welcome + strlen(welcome);
    assert_true(from && to && to > from);
    return mem_strndup(from, (size_t)(to - from));
}

static void come_and_go(struct rig *r, uint64_t conn) {
    char id[16];
    snprintf(id, sizeof id, "guest%d", (int)(conn % GUESTS));
    rig_enter(r, conn, id, conn % 3 ? "attendee" : "speaker");
    rig_say(r, conn, "{\"type\":\"hand\",\"on\":true}");
    rig_say(r, conn, "{\"type\":\"leave\"}");
    rig_clear(r, conn);
}

static void a_long_past(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    uint64_t conn = FIRST_GUEST;
    (void)state;
    rig_open(r, NULL);
    rig_enter(r, HOST, "host", "host");
    rig_enter(r, ANN, "ann", "attendee");
    rig_say(r, HOST, "{\"type\":\"open\"}");
    rig_say(r, HOST, "{\"type\":\"source\",\"source\":\"camera\",\"on\":true}");
    rig_say(r, HOST, "{\"type\":\"role\",\"who\":\"ann\",\"role\":\"speaker\"}");
    rig_say(r, HOST, "{\"type\":\"chat\",\"text\":\"Доброго дня\"}");
    rig_say(r, ANN, "{\"type\":\"hand\",\"on\":true}");
    while (!imaged(r)) {
        come_and_go(r, conn++);
        rig_clear(r, HOST);
        rig_clear(r, ANN);
    }
    assert_in_range(imaged(r), HUB_IMAGE_LINES, HUB_IMAGE_LINES + 10);
    for (int i = 0; i < 20; i++)
        come_and_go(r, conn++);
    char *before = told(r, conn++);
    uint64_t last = r->log[r->log_n - 1].seq;
    rig_crash(r);
    char *after = told(r, conn++);
    assert_string_equal(before, after);
    assert_non_null(strstr(after, "Доброго дня"));
    assert_in_range(r->loaded_lines, 20, last - imaged(r));
    mem_free(before);
    mem_free(after);
    rig_say(r, conn - 1, "{\"type\":\"chat\",\"text\":\"далі\"}"); /* and the log goes on */
    assert_int_equal(r->log[r->log_n - 1].seq, last + 1);
    rig_close(r);
    mem_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_long_past)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

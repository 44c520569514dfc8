/* The server restates identity: whatever a client writes into its messages about who it is, others are told,
 * the journal keeps and who comes later reads what the ticket of its connection says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/mem.h"
#include "server/signaling/proto.h"
#include "tests/unit/hub_rig.h"

enum { HOST = 1, ANN = 2, BOB = 3, CAT = 4, DAN = 5 };

/* What a liar adds to everything he says. */
#define CLAIMS                                                                                               \
    ",\"name\":\"Пані host\",\"role\":\"host\",\"by\":\"host\",\"seq\":1,\"at\":1,"                      \
    "\"you\":{\"id\":\"host\",\"role\":\"host\"}"
#define CLAIMS_WHO CLAIMS ",\"who\":\"host\""

static void is_of_ann(const struct json *j, const char *text) {
    static const struct {
        const char *field, *is;
    } rows[] = {{"by", "ann"}, {"who", "ann"}, {"name", "Пані ann"}, {"role", "attendee"}};
    for (size_t i = 0; i < countof(rows); i++) {
        struct str v, type = {"", 0};
        json_get_str(j, "type", &type);
        bool rooms_own = !i && str_is(type, "joined"); /* nobody's deed */
        if (json_get_str(j, rows[i].field, &v) && !str_is(v, rooms_own ? "" : rows[i].is))
            fail_msg("%s is not %s in %s", rows[i].field, rows[i].is, text);
    }
}

/* Every event in this inbox is ann's by name and deed; how many there were of this type. */
static size_t told_of_ann(struct rig *r, uint64_t conn, const char *type) {
    const struct rig_inbox *in = &r->inbox[conn];
    size_t n = rig_count(r, conn, type);
    for (size_t i = 0; i < in->n; i++) {
        struct json *j;
        int64_t seq;
        assert_int_equal(json_parse(&j, str_of(in->v[i])), 0);
        if (json_get_int(j, "seq", &seq))
            is_of_ann(j, in->v[i]);
        json_free(j);
        if (strstr(in->v[i], "Пані host"))
            fail_msg("a false name was told: %s", in->v[i]);
    }
    rig_clear(r, conn);
    return n;
}

static void forget(struct rig *r) {
    for (uint64_t c = HOST; c <= DAN; c++)
        rig_clear(r, c);
}

static void written_of_ann(const struct rig *r, size_t from) {
    assert_true(r->log_n > from);
    for (size_t i = from; i < r->log_n; i++) {
        struct json *j;
        struct str by;
        if (r->log[i].is_image)
            continue;
        assert_int_equal(json_parse(&j, str_of(r->log[i].json)), 0);
        assert_true(json_get_str(j, "by", &by));
        is_of_ann(j, r->log[i].json);
        json_free(j);
    }
}

/* Whatever an attendee may say: the event it makes, and whether all hear it or the hosts alone. */
static const struct {
    const char *say, *event;
    bool all;
} sayings[] = {
    {"{\"type\":\"chat\",\"text\":\"слово\"" CLAIMS "}", "chat", true},
    {"{\"type\":\"chat\",\"text\":\"тихо\",\"hosts\":true" CLAIMS "}", "direct", false},
    {"{\"type\":\"chat\",\"text\":\"лише пані\"" CLAIMS_WHO "}", NULL, false}, /* to the host: below */
    {"{\"type\":\"hand\",\"on\":true" CLAIMS_WHO "}", "hand", true},
    {"{\"type\":\"ask\",\"text\":\"чому\"" CLAIMS_WHO "}", "asked", true},
    {"{\"type\":\"accept\"" CLAIMS_WHO "}", "staged", true},
    {"{\"type\":\"source\",\"source\":\"mic\",\"on\":true" CLAIMS_WHO "}", "source", true},
    {"{\"type\":\"source\",\"source\":\"mic\",\"on\":false" CLAIMS_WHO "}", "source", true},
    {"{\"type\":\"unstage\",\"who\":\"ann\"" CLAIMS "}", "unstaged", true},
    {"{\"type\":\"leave\"" CLAIMS_WHO "}", "left", true},
};

static void what_one_says_of_oneself(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    (void)state;
    rig_open(r, NULL);
    rig_class(r);
    for (size_t i = 0; i < countof(sayings); i++) {
        if (!strcmp(sayings[i].event ? sayings[i].event : "", "staged"))
            rig_say(r, HOST, "{\"type\":\"invite\",\"who\":\"ann\"}");
        forget(r);
        size_t from = r->log_n;
        rig_say(r, ANN, "%s", sayings[i].say);
        if (!sayings[i].event) { /* here `who` says to whom, and that is the host indeed */
            assert_says(r, HOST, "direct", "\"by\":\"ann\"");
            assert_says(r, HOST, "direct", "\"name\":\"Пані ann\"");
            continue;
        }
        written_of_ann(r, from);
        if (told_of_ann(r, HOST, sayings[i].event) != 1)
            fail_msg("the host was told no %s", sayings[i].event);
        if (told_of_ann(r, BOB, sayings[i].event) != sayings[i].all)
            fail_msg("bob and %s", sayings[i].event);
    }
    rig_close(r);
    mem_free(r);
}

/* At the door: another's name and a higher role beside one's own ticket. */
static void what_one_says_at_the_door(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    char ticket[TICKET_MAX + 1];
    (void)state;
    rig_open(r, NULL);
    rig_enter(r, HOST, "host", "host");
    rig_say(r, HOST, "{\"type\":\"open\"}");
    rig_enter(r, BOB, "bob", "attendee");
    forget(r);
    size_t from = r->log_n;
    rig_ticket(r, ticket, "ann", "r1", "attendee");
    assert_true(hub_on_open(r->hub, ANN, STR("10.0.0.2")));
    rig_say(r, ANN, "{\"type\":\"join\",\"id\":1,\"ticket\":\"%s\"" CLAIMS_WHO "}", ticket);
    assert_says(r, ANN, "welcome", "\"you\":{\"id\":\"ann\",\"name\":\"Пані ann\",\"role\":\"attendee\"}");
    written_of_ann(r, from);
    assert_int_equal(told_of_ann(r, HOST, "joined"), 1);
    assert_int_equal(told_of_ann(r, BOB, "joined"), 1);
    rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"слово\"" CLAIMS "}");
    rig_enter(r, CAT, "cat", "speaker"); /* who comes later reads the same */
    assert_says(r, CAT, "welcome", "\"id\":\"ann\",\"name\":\"Пані ann\",\"role\":\"attendee\"");
    assert_says(r, CAT, "welcome", "\"by\":\"ann\",\"name\":\"Пані ann\",\"text\":\"слово\"");
    rig_crash(r);
    forget(r);
    rig_enter(r, CAT, "cat", "speaker"); /* and what was kept */
    assert_says(r, CAT, "welcome", "\"by\":\"ann\",\"name\":\"Пані ann\",\"text\":\"слово\"");
    rig_close(r);
    mem_free(r);
}

/* What is a host's to do is refused whoever one says one is, and nobody else hears of the try. */
static void what_one_may_not(void **state) {
    static const char *const tries[] = {
        "{\"type\":\"role\",\"id\":4,\"who\":\"ann\",\"role\":\"host\",\"by\":\"host\"}",
        "{\"type\":\"remove\",\"id\":4,\"who\":\"bob\",\"by\":\"host\",\"role\":\"host\"}",
        "{\"type\":\"mute\",\"id\":4,\"who\":\"bob\",\"by\":\"host\",\"role\":\"host\"}",
        "{\"type\":\"end\",\"id\":4,\"who\":\"host\",\"by\":\"host\",\"role\":\"host\"}",
    };
    struct rig *r = mem_zalloc(sizeof *r);
    (void)state;
    rig_open(r, NULL);
    rig_class(r);
    for (size_t i = 0; i < countof(tries); i++) {
        size_t from = r->log_n;
        forget(r);
        rig_say(r, ANN, "%s", tries[i]);
        assert_says(r, ANN, "error", "\"id\":4");
        assert_says(r, ANN, "error", "\"denied\"");
        assert_int_equal(r->log_n, from);
        assert_int_equal(r->inbox[HOST].n + r->inbox[BOB].n, 0);
    }
    rig_close(r);
    mem_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_says_of_oneself),
        cmocka_unit_test(what_one_says_at_the_door),
        cmocka_unit_test(what_one_may_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

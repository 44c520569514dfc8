/* channels: who names languages and interpreters, who is on the air, what happens to microphones on the way,
 * what people are told and who listens. */
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

#define DO(by, ...) rig_do(r, by, (struct command){__VA_ARGS__}, 2000, NULL)
#define LAY(by, langs) DO(by, .type = CMD_CHANNELS, .list = STR(langs))
#define NAME(by, id, langs) DO(by, .type = CMD_INTERPRET, .who = id, .list = STR(langs))
#define AIR(by, lang, id) DO(by, .type = CMD_AIR, .name = lang, .who = id)
#define MIC(by, is) DO(by, .type = CMD_SOURCE, .source = MEDIA_MIC, .on = is)

static const char *on_air(const struct room *r, const char *lang) {
    unsigned no = room_channel(r, lang);
    return no ? r->channels.v[no - 1].air : NULL;
}
static bool mic(struct room *r, const char *id) { return room_member(r, id)->sources & 1U << MEDIA_MIC; }

static int setup(void **state) {
    struct room *r = mem_zalloc(sizeof *r);
    room_init(r, &(struct room_cfg){&rig_webinar, RECORD_MANUAL, false, 0});
    rig_join(r, "host", ROLE_HOST);
    for (const char *const *id = (const char *const[]){"ann", "bob", "eve", NULL}; *id; id++)
        rig_join(r, *id, ROLE_ATTENDEE);
    DO("host", .type = CMD_OPEN);
    *state = r;
    return 0;
}

static int teardown(void **state) {
    room_fini(*state);
    mem_free(*state);
    return 0;
}

static void codes(void **state) {
    static const struct {
        const char *code;
        bool ok;
    } rows[] = {{"uk", true},      {"en-GB", true},      {"zh-Hant-TW", true},
                {"sgn", true},     {"", false},          {"e", false},
                {"12", false},     {"-en", false},       {"en-", false},
                {"en--GB", false}, {"abcdefghi", false}, {"en_GB", false},
                {"en GB", false},  {"de-1996", true},    {"en-abcdefgh-abcdefgh", false}};
    (void)state;
    for (size_t i = 0; i < countof(rows); i++)
        if (channel_lang_ok(str_of(rows[i].code)) != rows[i].ok)
            fail_msg("'%s'", rows[i].code);
}

#define COME(id, langs)                                                                                      \
    DO(NULL, .type = CMD_JOIN, .who = id, .name = "N", .role = ROLE_ATTENDEE, .list = STR(langs))

/* Whom the host named before the session: by what his ticket says, the first time he comes. */
static void named_before(void **state) {
    struct room *r = *state;
    assert_int_equal(LAY("host", "pl\n"), 0);
    assert_int_equal(COME("ivo", "en\nuk"), 0);
    assert_int_equal(r->channels.count, 3);
    assert_int_equal(room_channel(r, "pl"), 1);
    assert_true(member_interprets_to(room_member(r, "ivo"), "en"));
    assert_true(member_interprets_to(room_member(r, "ivo"), "uk"));
    assert_int_equal(COME("eva", "en"), 0);
    assert_int_equal(r->channels.count, 3); /* it is there */
    assert_true(member_interprets_to(room_member(r, "eva"), "en"));
    /* What the host says in the room holds, also when he comes back with the same ticket. */
    assert_int_equal(NAME("host", "ivo", ""), 0);
    DO("ivo", .type = CMD_LEAVE);
    assert_int_equal(COME("ivo", "en\nuk"), 0);
    assert_false(member_interprets(room_member(r, "ivo")));
    /* A lobby is for who was not named. */
    r->lobby = true;
    assert_int_equal(COME("guest", ""), 0);
    assert_int_equal(room_member(r, "guest")->state, MEMBER_WAITING);
    assert_int_equal(COME("late", "de"), 0);
    assert_int_equal(room_member(r, "late")->state, MEMBER_PRESENT);
    assert_int_equal(room_channel(r, "de"), 4);
    assert_int_equal(COME("guest", "de"), 0); /* named while he waits */
    assert_true(member_interprets_to(room_member(r, "guest"), "de"));
    /* What is no list of one or two languages names nobody. */
    assert_int_equal(COME("odd", "en\nuk\npl"), 0);
    assert_int_equal(room_member(r, "odd")->state, MEMBER_PRESENT);
    assert_false(member_interprets(room_member(r, "odd")));
    /* No channel is left for the last one's language. */
    assert_int_equal(LAY("host", "aa\nbb\ncc\ndd\nee\nff\ngg\nhh\n"), 0);
    assert_int_equal(COME("ninth", "ii"), 0);
    assert_int_equal(r->channels.count, CHANNELS_MAX);
    assert_false(member_interprets(room_member(r, "ninth")));
}

static void the_host_names_them(void **state) {
    struct room *r = *state;
    assert_int_equal(LAY("ann", "en\n"), -ERR_DENIED);
    assert_int_equal(LAY("host", "en\nen\n"), -ERR_INVALID);
    assert_int_equal(LAY("host", "1\n"), -ERR_INVALID);
    assert_int_equal(LAY("host", "a1\nb1\n"), -ERR_INVALID);
    assert_int_equal(LAY("host", "aa\nbb\ncc\ndd\nee\nff\ngg\nhh\nii\n"), -ERR_INVALID);
    assert_int_equal(LAY("host", "en\nuk\npl\n"), 0);
    assert_int_equal(NAME("ann", "ann", "en\n"), -ERR_DENIED);
    assert_int_equal(NAME("host", "nobody", "en\n"), -ERR_MISSING);
    assert_int_equal(NAME("host", "ann", "de\n"), -ERR_MISSING);
    assert_int_equal(NAME("host", "ann", "en\nuk\npl\n"), -ERR_INVALID);
    assert_int_equal(NAME("host", "ann", "en\nuk\n"), 0);
    uint64_t seq = r->seq;
    assert_int_equal(NAME("host", "ann", "en\nuk\n"), 0);
    assert_int_equal(LAY("host", "en\nuk\npl\n"), 0);
    assert_int_equal(r->seq, seq); /* it was so already */
    assert_int_equal(LAY("host", "pl\nuk\n"), 0);
    assert_true(member_interprets_to(room_member(r, "ann"), "uk"));
    assert_false(member_interprets_to(room_member(r, "ann"), "en"));
    assert_int_equal(LAY("host", ""), 0);
    assert_false(member_interprets(room_member(r, "ann")));
}

static void they_take_turns(void **state) {
    struct room *r = *state;
    LAY("host", "en\nuk\n");
    NAME("host", "ann", "en\nuk\n");
    NAME("host", "bob", "en\n");
    assert_int_equal(AIR("eve", "en", "eve"), -ERR_DENIED);
    assert_int_equal(AIR("ann", "pl", "ann"), -ERR_MISSING);
    assert_int_equal(AIR("ann", "en", "ann"), 0);
    assert_string_equal(on_air(r, "en"), "ann");
    assert_int_equal(AIR("ann", "en", "bob"), -ERR_CONFLICT); /* he is not ready */
    assert_int_equal(MIC("bob", true), 0);
    assert_int_equal(AIR("eve", "en", "bob"), -ERR_DENIED);
    assert_int_equal(AIR("ann", "en", "bob"), 0);
    assert_string_equal(on_air(r, "en"), "bob");
    assert_int_equal(AIR("ann", "en", ""), -ERR_DENIED);
    assert_int_equal(AIR("ann", "en", "ann"), 0); /* a colleague may take over */
    assert_int_equal(AIR("ann", "uk", "ann"), 0); /* one voice, one channel */
    assert_string_equal(on_air(r, "en"), "");
    assert_string_equal(on_air(r, "uk"), "ann");
    assert_int_equal(AIR("host", "uk", ""), 0);
    assert_string_equal(on_air(r, "uk"), "");
    AIR("bob", "en", "bob");
    DO(NULL, .type = CMD_LEAVE, .who = "bob", .reason = REASON_LOST);
    assert_string_equal(on_air(r, "en"), "");
    rig_join(r, "bob", ROLE_ATTENDEE);
    assert_true(member_interprets_to(room_member(r, "bob"), "en")); /* comes back as what he was */
    DO(NULL, .type = CMD_LEAVE, .who = "bob", .reason = REASON_LOST);
    struct events es;
    struct command join = {.type = CMD_JOIN, .who = "bob", .name = "Богдан"};
    assert_int_equal(rig_do(r, NULL, join, 2000, &es), 0);
    const struct event *last = &es.v[es.n - 1];
    assert_int_equal(last->type, EV_INTERPRETS);
    assert_string_equal(last->name, "Богдан"); /* under the name he has now */
    events_fini(&es);
    assert_string_equal(on_air(r, "en"), "");
    DO("host", .type = CMD_REMOVE, .who = "bob", .on = true);
    assert_false(member_interprets(room_member(r, "bob")));
}

/* An attendee off stage speaks into his channel; when he is no interpreter any more his microphone is off
 * before anybody hears it, and so it is when he becomes one. */
static void microphones(void **state) {
    struct room *r = *state;
    LAY("host", "en\n");
    assert_int_equal(MIC("ann", true), -ERR_CONFLICT);
    NAME("host", "ann", "en\n");
    assert_int_equal(MIC("ann", true), 0);
    assert_int_equal(DO("host", .type = CMD_MUTE_ALL), 0);
    assert_true(mic(r, "ann"));
    assert_int_equal(DO("host", .type = CMD_LIMIT, .role = ROLE_ATTENDEE, .set = CAN_PUBLISH_MIC), 0);
    assert_true(mic(r, "ann"));
    assert_int_equal(DO("host", .type = CMD_MUTE, .who = "ann", .source = MEDIA_MIC), 0);
    assert_false(mic(r, "ann"));
    assert_int_equal(MIC("ann", true), 0);
    AIR("ann", "en", "ann");
    NAME("host", "ann", "");
    assert_false(mic(r, "ann"));
    assert_string_equal(on_air(r, "en"), "");
    assert_int_equal(MIC("host", true), 0);
    NAME("host", "host", "en\n");
    assert_false(mic(r, "host"));
    assert_int_equal(MIC("host", true), 0);
    LAY("host", "uk\n"); /* his language is gone */
    assert_false(mic(r, "host"));
}

/* ---- through the hub ---- */

enum { HOST = 1, ANN = 2, BOB = 3, LATE = 5 };

static void what_people_are_told(void **state) {
    struct rig *g = mem_zalloc(sizeof *g);
    (void)state;
    rig_open(g, NULL);
    rig_class(g);
    rig_say(g, ANN, "{\"type\":\"listen\",\"id\":9,\"lang\":\"en\"}"); /* may be said before there is any */
    rig_say(g, ANN, "{\"type\":\"listen\",\"id\":8,\"lang\":\"no such\"}");
    assert_says(g, ANN, "error", "invalid");
    rig_say(g, HOST, "{\"type\":\"channels\",\"id\":10,\"langs\":[\"en\",\"uk\"]}");
    assert_says(g, ANN, "channels", "\"langs\":[\"en\",\"uk\"]");
    rig_say(g, HOST, "{\"type\":\"interpret\",\"id\":11,\"who\":\"bob\",\"langs\":[\"en\"]}");
    assert_says(g, ANN, "interprets", "\"who\":\"bob\"");
    rig_say(g, BOB, "{\"type\":\"air\",\"id\":12,\"lang\":\"en\",\"who\":\"bob\"}");
    assert_says(g, ANN, "air", "\"lang\":\"en\"");
    rig_pass(g, 2000000);
    assert_says(g, HOST, "listening", "\"langs\":{\"en\":0,\"uk\":0}"); /* nobody has a view here */
    assert_says(g, BOB, "listening", "\"floor\":0");
    assert_silent(g, ANN, "listening", NULL);
    rig_crash(g);
    rig_enter(g, LATE, "eve", "attendee");
    assert_says(g, LATE, "welcome", "{\"lang\":\"en\",\"air\":\"bob\"}");
    assert_says(g, LATE, "welcome", "\"people\":[{\"who\":\"bob\"");
    rig_enter(g, LATE + 1, "host", "host");
    rig_say(g, LATE + 1, "{\"type\":\"channels\",\"id\":13,\"langs\":[]}");
    assert_says(g, LATE, "channels", NULL);
    rig_close(g);
    mem_free(g);
}

/* In a room that keeps no words a crash forgets no interpreter: else his microphone were the room's. */
static void a_crash_keeps_them(void **state) {
    struct rig *g = mem_zalloc(sizeof *g);
    struct format counts = rig_webinar;
    (void)state;
    counts.keep = KEEP_COUNTS;
    g->formats = &counts;
    g->format_count = 1;
    rig_open(g, NULL);
    rig_class(g);
    rig_say(g, HOST, "{\"type\":\"channels\",\"langs\":[\"en\"]}");
    rig_say(g, HOST, "{\"type\":\"interpret\",\"who\":\"bob\",\"langs\":[\"en\"]}");
    rig_say(g, BOB, "{\"type\":\"air\",\"lang\":\"en\",\"who\":\"bob\"}");
    rig_crash(g);
    rig_enter(g, LATE, "eve", "attendee");
    assert_says(g, LATE, "welcome", "{\"lang\":\"en\",\"air\":\"bob\"}");
    assert_says(g, LATE, "welcome", "\"people\":[{\"who\":\"bob\"");
    rig_close(g);
    mem_free(g);
}

/* The recorder knows who is on the air from the moment it records, and nothing before; who leaves is off it.
 */
static void the_recorder_is_told(void **state) {
    struct rig *g = mem_zalloc(sizeof *g);
    (void)state;
    rig_open(g, NULL);
    rig_class(g);
    rig_say(g, HOST, "{\"type\":\"channels\",\"langs\":[\"en\",\"uk\"]}");
    rig_say(g, HOST, "{\"type\":\"interpret\",\"who\":\"bob\",\"langs\":[\"en\"]}");
    rig_say(g, BOB, "{\"type\":\"air\",\"lang\":\"en\",\"who\":\"bob\"}");
    assert_false(rig_ordered(g, "air r1 en=bob"));
    rig_say(g, HOST, "{\"type\":\"open\"}");
    rig_say(g, HOST, "{\"type\":\"record\",\"on\":true}");
    assert_true(rig_ordered(g, "start r1"));
    assert_true(rig_ordered(g, "air r1 en=bob") && rig_ordered(g, "air r1 uk="));
    g->order_n = 0;
    rig_say(g, BOB, "{\"type\":\"leave\"}");
    assert_true(rig_ordered(g, "air r1 en="));
    rig_close(g);
    mem_free(g);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes),
        STORY(the_host_names_them),
        STORY(named_before),
        STORY(they_take_turns),
        STORY(microphones),
        cmocka_unit_test(what_people_are_told),
        cmocka_unit_test(a_crash_keeps_them),
        cmocka_unit_test(the_recorder_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* room: the rules of each feature, told as short stories. Properties of all histories are in test_room_log.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "tests/unit/room_rig.h"

#define DO(by, ...) rig_do(r, by, (struct command){__VA_ARGS__}, 2000, NULL)

/* A room with a host, a cohost, a speaker and three attendees, open unless the story says otherwise. */
static struct room *room_with(const struct format *f, enum record_policy record, bool open) {
    struct room *r = mem_zalloc(sizeof *r);
    room_init(r, &(struct room_cfg){f, record, false, 0});
    rig_do(r, NULL, (struct command){.type = CMD_CREATE, .name = "webinar"}, 1000, NULL);
    assert_int_equal(rig_join(r, "host", ROLE_HOST), 0);
    assert_int_equal(rig_join(r, "co", ROLE_COHOST), 0);
    assert_int_equal(rig_join(r, "sp", ROLE_SPEAKER), 0);
    assert_int_equal(rig_join(r, "a1", ROLE_ATTENDEE), 0);
    assert_int_equal(rig_join(r, "a2", ROLE_ATTENDEE), 0);
    assert_int_equal(rig_join(r, "a3", ROLE_ATTENDEE), 0);
    if (open)
        assert_int_equal(DO("host", .type = CMD_OPEN), 0);
    return r;
}

static int setup(void **state) {
    *state = room_with(&rig_webinar, RECORD_MANUAL, true);
    return 0;
}

static int teardown(void **state) {
    room_fini(*state);
    mem_free(*state);
    return 0;
}

static bool sends(const struct room *r, const char *id, enum media_source s) {
    return room_member(r, id)->sources & 1U << s;
}

static void life(void **state) {
    struct room *r = *state;
    struct events es;
    assert_int_equal(r->life, LIFE_OPEN);
    assert_int_equal(r->opened_ms, 2000);
    assert_int_equal(DO("host", .type = CMD_OPEN), 0); /* it is so already */
    assert_int_equal(DO("sp", .type = CMD_END), -ERR_DENIED);
    assert_int_equal(DO("host", .type = CMD_RECORD, .on = true), 0);
    assert_int_equal(rig_do(r, "host", (struct command){.type = CMD_END}, 9000, &es), 0);
    assert_int_equal(es.n, 2); /* recording off, ended */
    assert_int_equal(es.v[0].type, EV_RECORDING);
    assert_false(es.v[0].on);
    assert_int_equal(es.v[1].type, EV_ENDED);
    events_fini(&es);
    assert_int_equal(r->life, LIFE_ENDED);
    assert_int_equal(r->count[MEMBER_PRESENT], 0);
    assert_int_equal(r->stage_count, 0);
    for (int t = 0; t < CMD_COUNT; t++) { /* an ended room accepts nothing, from anybody */
        assert_int_equal(DO("host", .type = (enum command_type)t), -ERR_EXPIRED);
        assert_int_equal(DO(NULL, .type = (enum command_type)t), -ERR_EXPIRED);
    }
}

static void records_by_itself(void **state) {
    struct room *r = room_with(&rig_webinar, RECORD_AUTO, false);
    (void)state;
    assert_int_equal(DO("host", .type = CMD_RECORD, .on = true), -ERR_CONFLICT); /* not open */
    assert_int_equal(DO("host", .type = CMD_OPEN), 0);
    assert_true(r->recording && r->recorded);
    assert_int_equal(DO("a1", .type = CMD_RECORD), -ERR_DENIED);
    assert_int_equal(DO("co", .type = CMD_RECORD, .on = false), 0);
    assert_false(r->recording);
    assert_int_equal(DO(NULL, .type = CMD_RECORD, .on = true, .reason = REASON_GAP), -ERR_CONFLICT);
    teardown((void **)&r);

    r = room_with(&rig_webinar, RECORD_NEVER, true);
    assert_false(r->recording);
    assert_int_equal(DO("host", .type = CMD_RECORD, .on = true), -ERR_DENIED);
    assert_false(r->recorded);
    teardown((void **)&r);
}

static void a_gap_is_marked(void **state) {
    struct room *r = *state;
    struct events es;
    assert_int_equal(DO("host", .type = CMD_RECORD, .on = true), 0);
    struct command gap = {.type = CMD_RECORD, .on = true, .reason = REASON_GAP};
    assert_int_equal(rig_do(r, NULL, gap, 3000, &es), 0);
    assert_int_equal(es.n, 1);
    assert_true(es.v[0].on && es.v[0].reason == REASON_GAP);
    events_fini(&es);
    struct command failed = {.type = CMD_RECORD, .on = true, .reason = REASON_FAILED};
    struct command well = {.type = CMD_RECORD, .on = true};
    const struct {
        const struct command *told;
        size_t events;
        enum reason reason;
        bool fails;
    } words[] = {{&well, 0, REASON_NONE, false},  {&failed, 1, REASON_FAILED, true},
                 {&failed, 0, REASON_NONE, true}, /* each try fails: said once */
                 {&well, 1, REASON_GAP, false},   {&failed, 1, REASON_FAILED, true},
                 {&gap, 0, REASON_NONE, true}, /* a take begins: nothing of it is on disk */
                 {&well, 1, REASON_GAP, false},   {&gap, 1, REASON_GAP, false}};
    int64_t since = r->recording_ms;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_int_equal(rig_do(r, NULL, *words[i].told, 4000 + (int64_t)i, &es), 0);
        assert_int_equal(es.n, words[i].events);
        if (es.n)
            assert_true(es.v[0].on && es.v[0].reason == words[i].reason);
        assert_int_equal(r->recording_fails, words[i].fails);
        assert_true(r->recording && r->recording_ms == since);
        events_fini(&es);
    }
    assert_int_equal(rig_do(r, "host", gap, 3000, &es), 0); /* only the server knows of gaps */
    assert_int_equal(es.n, 0);
    events_fini(&es);
}

static void lobby(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("a1", .type = CMD_LOBBY, .on = true), -ERR_DENIED);
    assert_int_equal(DO("co", .type = CMD_LOBBY, .on = true), 0);
    assert_int_equal(rig_join(r, "b1", ROLE_ATTENDEE), 0);
    assert_int_equal(rig_join(r, "b2", ROLE_ATTENDEE), 0);
    assert_int_equal(rig_join(r, "b3", ROLE_ATTENDEE), 0);
    assert_int_equal(rig_join(r, "b4", ROLE_SPEAKER), 0);
    assert_int_equal(r->count[MEMBER_WAITING], 3);
    assert_non_null(room_present(r, "b4")); /* speakers do not wait */
    assert_int_equal(DO("b1", .type = CMD_CHAT, .text = STR("hi")), -ERR_DENIED);
    assert_int_equal(DO("host", .type = CMD_ADMIT, .who = "b1"), 0);
    assert_non_null(room_present(r, "b1"));
    assert_int_equal(DO("host", .type = CMD_ADMIT, .who = "b1"), -ERR_MISSING);
    assert_int_equal(DO("host", .type = CMD_DENY, .who = "b2"), 0);
    assert_null(room_member(r, "b2"));
    assert_int_equal(DO("b1", .type = CMD_LEAVE), 0);
    assert_int_equal(rig_join(r, "b1", ROLE_ATTENDEE), 0); /* admitted once, admitted for good */
    assert_non_null(room_present(r, "b1"));
    assert_int_equal(DO("b3", .type = CMD_LEAVE), 0); /* waiting is left, too */
    assert_null(room_member(r, "b3"));
    assert_int_equal(rig_join(r, "b6", ROLE_ATTENDEE), 0);
    assert_int_equal(rig_join(r, "b6", ROLE_ATTENDEE), 0); /* asking twice is asking */
    assert_int_equal(room_member(r, "b6")->state, MEMBER_WAITING);
    assert_int_equal(rig_join(r, "b6", ROLE_SPEAKER), 0); /* who comes again with a better ticket is let in */
    assert_int_equal(room_present(r, "b6")->role, ROLE_SPEAKER);
    assert_int_equal(DO("b6", .type = CMD_LEAVE), 0);
    assert_int_equal(rig_join(r, "b5", ROLE_ATTENDEE), 0);
    assert_int_equal(DO("host", .type = CMD_LOBBY, .on = false), 0);
    assert_non_null(room_present(r, "b5"));
}

static void lock(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("a1", .type = CMD_LEAVE), 0);
    assert_int_equal(DO("host", .type = CMD_LOCK, .on = true), 0);
    assert_int_equal(rig_join(r, "new", ROLE_ATTENDEE), -ERR_DENIED);
    assert_int_equal(rig_join(r, "new", ROLE_SPEAKER), -ERR_DENIED);
    assert_int_equal(rig_join(r, "new", ROLE_COHOST), 0);
    assert_int_equal(rig_join(r, "a1", ROLE_ATTENDEE), 0); /* was in before */
    assert_int_equal(DO("co", .type = CMD_REMOVE, .who = "a1"), 0);
    assert_int_equal(rig_join(r, "a1", ROLE_ATTENDEE), -ERR_DENIED); /* removed: a stranger again */
    assert_int_equal(DO("host", .type = CMD_LOCK, .on = false), 0);
    assert_int_equal(rig_join(r, "a1", ROLE_ATTENDEE), 0);
}

static void removing_and_ban(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("a1", .type = CMD_REMOVE, .who = "a2"), -ERR_DENIED);
    assert_int_equal(DO("co", .type = CMD_REMOVE, .who = "host"), -ERR_DENIED);
    assert_int_equal(DO("host", .type = CMD_REMOVE, .who = "host"), -ERR_DENIED);
    assert_int_equal(DO("co", .type = CMD_REMOVE, .who = "nobody"), -ERR_MISSING);
    assert_int_equal(DO("sp", .type = CMD_SOURCE, .source = MEDIA_CAMERA, .on = true), 0);
    assert_int_equal(DO("co", .type = CMD_REMOVE, .who = "sp", .on = true), 0);
    assert_int_equal(room_member(r, "sp")->state, MEMBER_BANNED);
    assert_false(sends(r, "sp", MEDIA_CAMERA));
    assert_int_equal(rig_join(r, "sp", ROLE_SPEAKER), -ERR_DENIED);
    assert_int_equal(DO("sp", .type = CMD_CHAT, .text = STR("hi")), -ERR_DENIED);
}

static void stage_by_invitation(void **state) {
    struct room *r = *state;
    assert_int_equal(r->stage_count, 3); /* host, cohost, speaker from the start */
    assert_int_equal(DO("a1", .type = CMD_STAGE), -ERR_DENIED);
    assert_int_equal(DO("a1", .type = CMD_ACCEPT), -ERR_CONFLICT);
    assert_int_equal(DO("host", .type = CMD_STAGE, .who = "a1"), -ERR_CONFLICT); /* did not ask for it */
    assert_int_equal(DO("host", .type = CMD_INVITE, .who = "a1"), 0);
    assert_int_equal(DO("host", .type = CMD_INVITE, .who = "a2"), 0);
    assert_int_equal(DO("a2", .type = CMD_DECLINE), 0);
    assert_int_equal(DO("a2", .type = CMD_ACCEPT), -ERR_CONFLICT);
    assert_int_equal(DO("a1", .type = CMD_ACCEPT), 0);
    assert_true(room_member(r, "a1")->staged);
    assert_int_equal(DO("host", .type = CMD_INVITE, .who = "a2"), -ERR_FULL);
    assert_int_equal(DO("a1", .type = CMD_SOURCE, .source = MEDIA_CAMERA, .on = true), 0);
    assert_int_equal(DO("a1", .type = CMD_SOURCE, .source = MEDIA_SCREEN, .on = true), -ERR_DENIED);
    assert_int_equal(DO("a2", .type = CMD_UNSTAGE, .who = "a1"), -ERR_DENIED);
    assert_int_equal(DO("co", .type = CMD_UNSTAGE, .who = "host"), -ERR_DENIED);
    assert_int_equal(DO("co", .type = CMD_UNSTAGE, .who = "a1"), 0);
    assert_false(sends(r, "a1", MEDIA_CAMERA));
    assert_int_equal(DO("a1", .type = CMD_SOURCE, .source = MEDIA_CAMERA, .on = true), -ERR_CONFLICT);
    assert_int_equal(DO("sp", .type = CMD_UNSTAGE), 0);
    assert_int_equal(DO("sp", .type = CMD_STAGE), 0); /* speakers come and go as they like */
}

static void stage_by_hand(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("a2", .type = CMD_HAND, .on = true), 0);
    assert_int_equal(DO("a1", .type = CMD_HAND, .on = true), 0);
    assert_int_equal(DO("a2", .type = CMD_HAND, .on = true), 0);
    assert_int_equal(r->hand_count, 2);
    const struct member *first = list_entry(r->hands.next, struct member, hand_link);
    assert_string_equal(first->id, "a2");
    assert_int_equal(DO("host", .type = CMD_STAGE, .who = "a2"), 0);
    assert_int_equal(room_member(r, "a2")->hand_seq, 0); /* being on stage lowers it */
    assert_int_equal(DO("a3", .type = CMD_HAND, .on = true), 0);
    assert_int_equal(DO("a3", .type = CMD_LOWER, .who = "a1"), -ERR_DENIED);
    assert_int_equal(DO("a3", .type = CMD_HAND, .on = false), 0);
    assert_int_equal(DO("a3", .type = CMD_HAND, .on = true), 0);
    assert_int_equal(DO("co", .type = CMD_LOWER, .who = "*"), 0);
    assert_int_equal(r->hand_count, 0);
}

static void muting(void **state) {
    struct room *r = *state;
    const struct member *sp = room_member(r, "sp");
    assert_int_equal(DO("sp", .type = CMD_SOURCE, .source = MEDIA_MIC, .on = true), 0);
    assert_int_equal(DO("host", .type = CMD_SOURCE, .source = MEDIA_MIC, .on = true), 0);
    assert_int_equal(DO("a1", .type = CMD_MUTE, .who = "sp"), -ERR_DENIED);
    assert_int_equal(DO("co", .type = CMD_MUTE, .who = "host"), -ERR_DENIED);
    assert_int_equal(DO("co", .type = CMD_MUTE_ALL), 0);
    assert_true(sends(r, "host", MEDIA_MIC)); /* not hosts */
    assert_false(sends(r, "sp", MEDIA_MIC));
    assert_int_equal(sp->muted, 1U << MEDIA_MIC);
    assert_int_equal(DO("sp", .type = CMD_SOURCE, .source = MEDIA_MIC, .on = true),
                     0); /* turns it on again */
    assert_int_equal(sp->muted, 0);
    assert_int_equal(DO("sp", .type = CMD_SOURCE, .source = MEDIA_CAMERA, .on = true), 0);
    assert_int_equal(DO("host", .type = CMD_MUTE, .who = "sp", .source = MEDIA_CAMERA), 0);
    assert_false(sends(r, "sp", MEDIA_CAMERA));
    assert_true(sends(r, "sp", MEDIA_MIC));
}

static void one_screen_at_a_time(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("sp", .type = CMD_SOURCE, .source = MEDIA_SCREEN, .on = true), 0);
    assert_int_equal(DO("sp", .type = CMD_SOURCE, .source = MEDIA_SCREEN_AUDIO, .on = true), 0);
    assert_int_equal(rig_join(r, "sp2", ROLE_SPEAKER), 0);
    assert_int_equal(DO("sp2", .type = CMD_SOURCE, .source = MEDIA_SCREEN, .on = true), -ERR_CONFLICT);
    assert_int_equal(DO("host", .type = CMD_SOURCE, .source = MEDIA_SCREEN, .on = true), 0); /* takes over */
    assert_int_equal(room_member(r, "sp")->sources, 0);
    assert_int_equal(room_member(r, "sp")->muted, 1U << MEDIA_SCREEN | 1U << MEDIA_SCREEN_AUDIO);
    assert_int_equal(DO("co", .type = CMD_SOURCE, .source = MEDIA_SCREEN, .on = true), -ERR_CONFLICT);
    assert_true(sends(r, "host", MEDIA_SCREEN));
}

static void before_opening(void **state) {
    struct room *r = room_with(&rig_lesson, RECORD_MANUAL, false);
    (void)state;
    const struct member *a1 = room_member(r, "a1");
    assert_true(a1->staged); /* a lesson puts everybody on stage */
    assert_false(room_may_view(r, a1));
    assert_int_equal(room_may_send(r, a1), 0);
    assert_int_equal(DO("a1", .type = CMD_SOURCE, .source = MEDIA_MIC, .on = true), -ERR_CONFLICT);
    assert_int_equal(DO("sp", .type = CMD_SOURCE, .source = MEDIA_MIC, .on = true), 0);
    assert_int_equal(DO("host", .type = CMD_OPEN), 0);
    assert_int_equal(DO("a1", .type = CMD_SOURCE, .source = MEDIA_MIC, .on = true), 0);
    assert_int_equal(DO("a1", .type = CMD_SOURCE, .source = MEDIA_CAMERA, .on = true), 0);
    assert_int_equal(DO("host", .type = CMD_UNSTAGE, .who = "a1"), 0);
    assert_true(sends(r, "a1", MEDIA_MIC)); /* `talk` goes on off stage */
    assert_false(sends(r, "a1", MEDIA_CAMERA));
    teardown((void **)&r);
}

static void full_stage(void **state) {
    struct room *r = *state;
    assert_int_equal(rig_join(r, "s4", ROLE_SPEAKER), 0);
    assert_int_equal(rig_join(r, "s5", ROLE_SPEAKER), 0);
    assert_int_equal(r->stage_count, 4);
    assert_false(room_member(r, "s5")->staged);
    assert_int_equal(DO("s5", .type = CMD_STAGE), -ERR_FULL);
}

static void roles(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("sp", .type = CMD_ROLE, .who = "a1", .role = ROLE_SPEAKER), -ERR_DENIED);
    assert_int_equal(DO("co", .type = CMD_ROLE, .who = "a1", .role = ROLE_COHOST), -ERR_DENIED);
    assert_int_equal(DO("co", .type = CMD_ROLE, .who = "host", .role = ROLE_ATTENDEE), -ERR_DENIED);
    assert_int_equal(DO("host", .type = CMD_ROLE, .who = "a1", .role = ROLE_HOST), -ERR_DENIED);
    assert_int_equal(DO("host", .type = CMD_ROLE, .who = "a1", .role = ROLE_SPEAKER), 0);
    assert_true(room_member(r, "a1")->staged);
    assert_int_equal(DO("a1", .type = CMD_SOURCE, .source = MEDIA_SCREEN, .on = true), 0);
    assert_int_equal(DO("a1", .type = CMD_LEAVE), 0);
    assert_int_equal(rig_join(r, "a1", ROLE_ATTENDEE), 0); /* the ticket still says attendee */
    assert_int_equal(room_member(r, "a1")->role, ROLE_SPEAKER);
    assert_int_equal(DO("a1", .type = CMD_SOURCE, .source = MEDIA_SCREEN, .on = true), 0);
    assert_int_equal(DO("host", .type = CMD_ROLE, .who = "a1", .role = ROLE_ATTENDEE), 0);
    assert_false(room_member(r, "a1")->staged);
    assert_int_equal(room_member(r, "a1")->sources, 0);
}

static void a_newer_ticket(void **state) {
    struct room *r = *state;
    assert_int_equal(rig_join(r, "a1", ROLE_COHOST),
                     0); /* made co-host on the event page, comes with a new one */
    assert_int_equal(room_member(r, "a1")->role, ROLE_COHOST);
    assert_false(room_member(r, "a1")->granted);
}

static void chat(void **state) {
    struct room *r = *state;
    char big[ROOM_TEXT_MAX + 8];
    assert_int_equal(DO("a1", .type = CMD_CHAT, .text = STR("Добрий день!\nЯк чути?")), 0);
    uint64_t n = r->seq;
    assert_string_equal(room_chat_at(r, 0)->text, "Добрий день!\nЯк чути?");
    assert_string_equal(room_chat_at(r, 0)->name, "Пан a1");
    assert_int_equal(DO("a1", .type = CMD_CHAT, .text = STR(" \n ")), -ERR_INVALID);
    assert_int_equal(DO("a1", .type = CMD_CHAT, .text = STR("a\x01")), -ERR_INVALID);
    assert_int_equal(DO("a1", .type = CMD_CHAT, .text = STR("\xff")), -ERR_INVALID);
    memset(big, 'a', sizeof big);
    assert_int_equal(DO("a1", .type = CMD_CHAT, .text = {big, ROOM_TEXT_CHARS + 1}), -ERR_INVALID);
    assert_int_equal(DO("a1", .type = CMD_CHAT, .text = {big, ROOM_TEXT_CHARS}), 0);
    assert_int_equal(DO("a2", .type = CMD_UNCHAT, .n = n), -ERR_DENIED);
    assert_int_equal(DO("a1", .type = CMD_UNCHAT, .n = n), 0); /* one's own */
    assert_int_equal(DO("co", .type = CMD_UNCHAT, .n = n), -ERR_MISSING);
    assert_int_equal(r->chat_count, 1);
    for (int i = 0; i < ROOM_CHAT_KEEP + 10; i++)
        assert_int_equal(DO("a2", .type = CMD_CHAT, .text = STR("x")), 0);
    assert_int_equal(r->chat_count, ROOM_CHAT_KEEP);
    assert_int_equal(room_chat_at(r, ROOM_CHAT_KEEP - 1)->seq, r->seq);
    assert_int_equal(DO("co", .type = CMD_UNCHAT, .n = room_chat_at(r, 7)->seq), 0);
    for (size_t i = 1; i < r->chat_count; i++)
        assert_true(room_chat_at(r, i)->seq > room_chat_at(r, i - 1)->seq);
    assert_int_equal(r->chat_count, ROOM_CHAT_KEEP - 1);
}

static void spotlight(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("co", .type = CMD_SPOTLIGHT, .who = "a1"), -ERR_CONFLICT);
    assert_int_equal(DO("co", .type = CMD_SPOTLIGHT, .who = "sp"), 0);
    assert_string_equal(r->spotlight, "sp");
    assert_int_equal(DO("co", .type = CMD_SPOTLIGHT), 0);
    assert_string_equal(r->spotlight, "");
}

static void full_room(void **state) {
    struct room r;
    (void)state;
    room_init(&r, &(struct room_cfg){&rig_webinar, RECORD_NEVER, false, 2});
    assert_int_equal(rig_join(&r, "a", ROLE_HOST), 0);
    assert_int_equal(rig_join(&r, "b", ROLE_ATTENDEE), 0);
    assert_int_equal(rig_join(&r, "c", ROLE_ATTENDEE), -ERR_FULL);
    assert_int_equal(rig_join(&r, "b", ROLE_ATTENDEE), 0); /* who is in is in */
    room_fini(&r);
}

static void names_and_ids(void **state) {
    struct room *r = *state;
    static const char *const bad_names[] = {"", "   ", "a\nb", "a\x7f", "\xc3", "abc\xe2\x80\xae", NULL};
    static const char *const bad_ids[] = {"", "a b", "a,b", "a\"b", "*", "é", NULL};
    for (int i = 0; bad_names[i]; i++)
        assert_false(room_name_ok(str_of(bad_names[i])));
    for (int i = 0; bad_ids[i]; i++)
        assert_false(room_id_ok(str_of(bad_ids[i])));
    assert_true(room_name_ok(STR("Оксана Зʼєднувач-Ґудзь")));
    char longest[ROOM_NAME_MAX + 3] = "";
    for (int i = 0; i < ROOM_NAME_CHARS; i++)
        strcat(longest, "Ґ");
    assert_true(room_name_ok(str_of(longest)));
    assert_false(room_name_ok(str_of(strcat(longest, "Ґ"))));
    assert_int_equal(DO(NULL, .type = CMD_JOIN, .who = "x", .name = " "), -ERR_INVALID);
    assert_int_equal(DO("a1", .type = CMD_JOIN, .who = "x", .name = "n"),
                     -ERR_DENIED); /* not a client's to give */
    assert_int_equal(DO("stranger", .type = CMD_HAND, .on = true), -ERR_DENIED);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        STORY(life),
        STORY(a_gap_is_marked),
        STORY(lobby),
        STORY(lock),
        STORY(removing_and_ban),
        STORY(stage_by_invitation),
        STORY(stage_by_hand),
        STORY(muting),
        STORY(one_screen_at_a_time),
        STORY(full_stage),
        STORY(roles),
        STORY(a_newer_ticket),
        STORY(chat),
        STORY(spotlight),
        STORY(names_and_ids),
        cmocka_unit_test(records_by_itself),
        cmocka_unit_test(before_opening),
        cmocka_unit_test(full_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

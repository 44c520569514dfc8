/* Names hidden from one another: everything the socket of one who does not moderate is told is read, and
 * another attendee's name is nowhere in it: live, on return, in a snapshot, in what is looked for; hosts know
 * all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/mem.h"
#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/veil.h"
#include "tests/unit/hub_rig.h"
#include "tests/unit/room_rig.h"

enum { S = 1000000, HOST = 1, ANN = 2, BOB = 3, SPEAKER = 4 };

static struct format format;

static void begin(struct rig *r, bool is_hidden, enum keep keep) {
    format = rig_webinar;
    format.tables = true;
    format.can[ROLE_HOST] |= CAN_TABLES;
    format.can[ROLE_ATTENDEE] |= CAN_DIRECT_ALL | CAN_NOTES;
    format.keep = keep;
    format.names = is_hidden ? NAMES_HIDDEN : NAMES_SHOWN;
    r->formats = &format;
    r->format_count = 1;
    rig_open(r, NULL);
    rig_class(r);
    rig_enter(r, SPEAKER, "sue", "speaker");
    for (uint64_t c = HOST; c <= SPEAKER; c++)
        rig_clear(r, c);
}

static void never_told(const struct rig *r, uint64_t conn, const char *words) {
    for (size_t i = 0; i < r->inbox[conn].n; i++)
        if (strstr(r->inbox[conn].v[i], words))
            fail_msg("%llu was told: %s", (unsigned long long)conn, r->inbox[conn].v[i]);
}

static void say_n(struct rig *r, uint64_t conn, const char *type, uint64_t n, const char *more) {
    rig_say(r, conn, "{\"type\":\"%s\",\"id\":7,\"n\":%llu%s}", type, (unsigned long long)n, more);
}

/* Ann does everything an attendee can, and everything is done to her. */
static void busy_ann(struct rig *r) {
    rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"слово\"}");
    uint64_t n = rig_seq(rig_last(r, HOST, "chat", "слово"));
    say_n(r, HOST, "chat_pin", n, ",\"on\":true");
    say_n(r, ANN, "chat_edit", n, ",\"text\":\"слово інакше\"");
    say_n(r, BOB, "report", n, "");
    rig_say(r, ANN, "{\"type\":\"hand\",\"on\":true}");
    rig_say(r, HOST, "{\"type\":\"invite\",\"who\":\"ann\"}");
    rig_say(r, ANN, "{\"type\":\"accept\"}");
    rig_say(r, ANN, "{\"type\":\"source\",\"source\":\"mic\",\"on\":true}");
    rig_say(r, HOST, "{\"type\":\"spotlight\",\"who\":\"ann\"}");
    rig_say(r, HOST, "{\"type\":\"timer\",\"on\":true,\"seconds\":60,\"who\":\"ann\"}");
    rig_say(r, HOST, "{\"type\":\"mute\",\"who\":\"ann\"}");
    rig_say(r, HOST, "{\"type\":\"unstage\",\"who\":\"ann\"}");
    rig_say(r, ANN, "{\"type\":\"ask\",\"text\":\"чому\"}");
    rig_say(r, ANN, "{\"type\":\"react\",\"n\":1}");
    rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"тихо\",\"hosts\":true}");
    rig_say(r, HOST, "{\"type\":\"ask_rules\",\"on\":true}");
    rig_say(r, ANN, "{\"type\":\"ask\",\"text\":\"друге\"}");
    say_n(r, HOST, "ask_state", rig_seq(rig_last(r, HOST, "ask_waits", "друге")), ",\"state\":\"open\"");
    rig_say(r, HOST, "{\"type\":\"ask_rules\",\"on\":false}");
    rig_say(
        r, HOST,
        "{\"type\":\"poll\",\"kind\":\"single\",\"text\":\"Так?\",\"options\":[\"а\",\"б\"],\"right\":[0]}");
    n = rig_seq(rig_last(r, HOST, "poll", NULL));
    say_n(r, HOST, "poll_open", n, "");
    say_n(r, ANN, "poll_answer", n, ",\"picks\":[0]");
    say_n(r, HOST, "poll_close", n, "");
    say_n(r, HOST, "poll_show", n, ",\"on\":true");
    rig_say(r, HOST, "{\"type\":\"scores\"}");
    rig_say(r, ANN, "{\"type\":\"note\",\"update\":\"AQID\"}");
    rig_say(r, HOST, "{\"type\":\"tables\",\"count\":2}");
    rig_say(r, HOST, "{\"type\":\"seat\",\"n\":1,\"people\":[\"ann\",\"bob\"]}");
    rig_say(r, HOST, "{\"type\":\"tables_open\",\"on\":true}");
    rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"за столом\"}");
    rig_say(r, HOST, "{\"type\":\"tables_open\",\"on\":false}");
    rig_pass(r, 2 * S);
}

static void others_know_nothing(struct rig *r, uint64_t since) {
    rig_say(r, BOB, "{\"type\":\"find\",\"id\":8,\"text\":\"слово\"}");
    assert_says(r, BOB, "found", "слово інакше");
    rig_say(r, BOB, "{\"type\":\"chat\",\"id\":9,\"text\":\"агов\",\"who\":\"ann\"}");
    assert_says(r, BOB, "error", "\"id\":9");
    never_told(r, BOB, "Пані ann");
    never_told(r, SPEAKER, "Пані ann");
    rig_enter_since(r, 20, "bob", "attendee", since);
    assert_says(r, 20, "welcome", "\"resumed\":true");
    never_told(r, 20, "Пані ann");
    rig_enter(r, 21, "bob", "attendee");
    assert_says(r, 21, "welcome", "слово інакше");
    assert_says(r, 21, "welcome", "Пані host");
    assert_says(r, 21, "welcome", "Пані bob");
    never_told(r, 21, "Пані ann");
    rig_enter(r, 22, "eve", "attendee");
    never_told(r, 22, "Пані ann");
    never_told(r, 22, "Пані bob");
    hub_on_close(r->hub, 22);
    rig_pass(r, (HUB_GRACE_S + 1) * (int64_t)S); /* and who leaves */
    never_told(r, 21, "Пані eve");
    rig_enter(r, 23, "host", "host");
    assert_says(r, 23, "welcome", "Пані ann");
}

static void by_the_format(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    (void)state;
    begin(r, true, KEEP_ALL);
    uint64_t since = r->log[r->log_n - 1].seq;
    busy_ann(r);
    assert_says(r, HOST, "chat", "Пані ann");
    assert_says(r, ANN, "chat", "Пані ann"); /* her own */
    assert_says(r, BOB, "chat", "№ ");
    others_know_nothing(r, since);
    rig_crash(r);
    rig_enter(r, 30, "bob", "attendee");
    assert_says(r, 30, "welcome", "слово інакше");
    never_told(r, 30, "Пані ann");
    rig_close(r);
    mem_free(r);
}

static void while_live(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    (void)state;
    begin(r, false, KEEP_ALL);
    rig_say(r, BOB, "{\"type\":\"hide_names\",\"id\":5,\"on\":true}");
    assert_says(r, BOB, "error", "\"denied\"");
    busy_ann(r);
    assert_says(r, BOB, "chat", "Пані ann");
    rig_pass(r, 20 * S);
    for (uint64_t c = HOST; c <= SPEAKER; c++) {
        rig_say(r, c, "{\"type\":\"ping\"}");
        rig_clear(r, c);
    }
    rig_say(r, HOST, "{\"type\":\"hide_names\",\"on\":true}");
    assert_says(r, BOB, "names_hidden", "\"on\":true");
    assert_says(r, BOB, "welcome", "\"names_hidden\":true"); /* all of it anew */
    others_know_nothing(r, r->log[r->log_n - 1].seq);
    rig_clear(r, 21);
    rig_say(r, 23, "{\"type\":\"hide_names\",\"on\":false}");
    assert_says(r, 21, "welcome", "Пані ann");
    rig_close(r);
    mem_free(r);
}

/* Who becomes a host sees who is there. */
static void a_new_host(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    (void)state;
    begin(r, true, KEEP_ALL);
    rig_say(r, HOST, "{\"type\":\"role\",\"who\":\"bob\",\"role\":\"cohost\"}");
    assert_says(r, BOB, "welcome", "Пані ann");
    assert_says(r, ANN, "role", "Пані bob"); /* and is seen */
    rig_close(r);
    mem_free(r);
}

static size_t found(struct rig *r, uint64_t conn, const char *text) {
    struct json *j;
    rig_pass(r, 2 * S);
    rig_say(r, conn, "{\"type\":\"find\",\"id\":9,\"text\":\"%s\"}", text);
    assert_int_equal(json_parse(&j, str_of(rig_last(r, conn, "found", "\"id\":9"))), 0);
    size_t n = json_len(json_get(j, "lines"));
    json_free(j);
    rig_clear(r, conn);
    return n;
}

/* Who looks for a name that is hidden finds nothing, for that would say whose the lines are; the number he
 * finds, and the names he knows. On disk and in memory. */
static void names_are_not_found(void **state) {
    (void)state;
    for (int keep = KEEP_ALL; keep <= KEEP_COUNTS; keep++) {
        struct rig *r = mem_zalloc(sizeof *r);
        char number[ROOM_NAME_MAX + 1];
        names_number("ann", number);
        begin(r, true, (enum keep)keep);
        rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"слово\"}");
        rig_say(r, HOST, "{\"type\":\"chat\",\"text\":\"слово\"}");
        rig_say(r, BOB, "{\"type\":\"chat\",\"text\":\"слово\"}");
        assert_int_equal(found(r, BOB, "слово"), 3);
        assert_int_equal(found(r, BOB, "ann"), 0);
        assert_int_equal(found(r, SPEAKER, "ann слово"), 0);
        assert_int_equal(found(r, BOB, number), 1);
        assert_int_equal(found(r, BOB, "Пані host"), 1);
        assert_int_equal(found(r, BOB, "Пані bob"), 1);
        assert_int_equal(found(r, HOST, "Пані ann"), 1);
        rig_close(r);
        mem_free(r);
    }
}

/* Of a thousand classes of 40 next to none has two alike. */
static void numbers_differ(void **state) {
    enum { CLASSES = 1000, PEOPLE = 40 };
    static char number[PEOPLE][ROOM_NAME_MAX + 1];
    size_t alike = 0;
    (void)state;
    for (int c = 0; c < CLASSES; c++)
        for (int i = 0; i < PEOPLE; i++) {
            char id[ROOM_ID_MAX + 1];
            snprintf(id, sizeof id, "u%d", c * PEOPLE + i);
            names_number(id, number[i]);
            for (int k = 0; k < i; k++)
                alike += !strcmp(number[k], number[i]);
        }
    assert_in_range(alike, 0, 3); /* about one is to be expected */
}

/* What nobody can read is not told to who may not know what is in it. */
static void not_understood(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    struct buf b;
    (void)state;
    begin(r, true, KEEP_ALL);
    struct live *l = smap_get(&r->hub->rooms, STR("r1"));
    buf_init(&b, 100);
    buf_z(&b, "{\"type\":\"chat\",\"name\":\"Пані ann\"");
    struct note *broken = note_of(&b);
    struct tail_line t = {.seq = 9, .type = EV_CHAT, .note = broken, .by = "ann"};
    struct veiled made = {0};
    assert_ptr_equal(veil_note(l, seat_get(l, "host"), &t, &made), broken);
    assert_null(veil_note(l, seat_get(l, "bob"), &t, &made));
    veil_drop(&made);
    note_drop(broken);
    rig_close(r);
    mem_free(r);
}

/* Of attendees those on stage and at tables are in the list, by their numbers, for who was there as for who
 * comes late; and whoever goes is out of it. */
static void who_is_listed(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    char ann[ROOM_NAME_MAX + 64];
    (void)state;
    strcpy(ann, "\"id\":\"ann\",\"name\":\"");
    begin(r, true, KEEP_ALL);
    names_number("ann", ann + strlen(ann));
    rig_enter(r, 20, "eve", "attendee");
    assert_silent(r, 20, "welcome", ann);
    rig_say(r, HOST, "{\"type\":\"invite\",\"who\":\"ann\"}");
    rig_say(r, ANN, "{\"type\":\"accept\"}");
    rig_enter(r, 22, "eve", "attendee");
    assert_says(r, 22, "welcome", ann);
    rig_say(r, HOST, "{\"type\":\"unstage\",\"who\":\"ann\"}");
    rig_enter(r, 23, "eve", "attendee");
    assert_silent(r, 23, "welcome", ann);
    rig_clear(r, 23);
    rig_say(r, HOST, "{\"type\":\"tables\",\"count\":2}");
    rig_say(r, HOST, "{\"type\":\"seat\",\"n\":1,\"people\":[\"ann\",\"bob\"]}");
    assert_says(r, BOB, "seated", ann + strlen("\"id\":\"ann\","));
    assert_says(r, HOST, "seated", "Пані ann");
    rig_say(r, HOST, "{\"type\":\"tables_open\",\"on\":true}");
    rig_enter(r, 21, "bob", "attendee");
    assert_says(r, 21, "welcome", ann);
    never_told(r, 21, "Пані ann");
    never_told(r, 23, "Пані ann");
    rig_say(r, HOST, "{\"type\":\"seat\",\"n\":0,\"people\":[\"ann\"]}");
    assert_says(r, 21, "seated", "\"n\":0");
    rig_say(r, ANN, "{\"type\":\"leave\"}");
    assert_says(r, 21, "left", "ann");
    assert_says(r, 23, "left", "ann");
    rig_close(r);
    mem_free(r);
}

static uint64_t last_seq(const struct rig *r) { return r->log[r->log_n - 1].seq; }

/* Bob, back on another line, is told all anew. */
static void told_anew(struct rig *r, uint64_t since, const char *has) {
    rig_enter_since(r, 20, "bob", "attendee", since);
    assert_says(r, 20, "welcome", "\"resumed\":false");
    assert_says(r, 20, "welcome", has);
    hub_on_close(r->hub, 20);
    rig_clear(r, 20);
}

/* Who was away when names turned, or when he became somebody else, has what those have who were there. */
static void turned_while_away(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    (void)state;
    begin(r, false, KEEP_ALL);
    rig_say(r, ANN, "{\"type\":\"chat\",\"text\":\"слово\"}");
    hub_on_close(r->hub, BOB);
    uint64_t since = last_seq(r);
    rig_say(r, HOST, "{\"type\":\"hide_names\",\"on\":true}");
    told_anew(r, since, "\"names_hidden\":true");
    uint64_t hidden = last_seq(r);
    rig_enter_since(r, 20, "bob", "attendee", hidden);
    assert_says(r, 20, "welcome", "\"resumed\":true"); /* nothing since */
    hub_on_close(r->hub, 20);
    rig_clear(r, 20);
    rig_say(r, HOST, "{\"type\":\"hide_names\",\"on\":false}");
    told_anew(r, hidden, "Пані ann");
    rig_crash(r);
    told_anew(r, hidden, "Пані ann");
    rig_enter(r, HOST, "host", "host");
    rig_say(r, HOST, "{\"type\":\"hide_names\",\"on\":true}");
    since = last_seq(r);
    rig_say(r, HOST, "{\"type\":\"role\",\"who\":\"bob\",\"role\":\"cohost\"}");
    told_anew(r, since, "Пані ann");
    rig_close(r);
    mem_free(r);
}

/* Until it is open a room follows its format: when that is changed, and when it was changed meanwhile. */
static void format_changed(void **state) {
    struct rig *r = mem_zalloc(sizeof *r);
    (void)state;
    format = rig_webinar;
    format.can[ROLE_ATTENDEE] |= CAN_DIRECT_ALL;
    rig_open(r, NULL);
    r->meta.rules = &format;
    rig_enter(r, HOST, "host", "host");
    rig_enter(r, SPEAKER, "sue", "speaker");
    format.names = NAMES_HIDDEN;
    hub_meta_changed(r->hub, "r1", &r->meta);
    rig_pass(r, S);
    assert_says(r, SPEAKER, "names_hidden", "\"on\":true");
    format.names = NAMES_SHOWN;
    rig_crash(r);
    rig_clear(r, HOST);
    rig_clear(r, SPEAKER);
    rig_enter(r, SPEAKER, "sue", "speaker");
    assert_silent(r, SPEAKER, "welcome", "\"names_hidden\":true");
    format.names = NAMES_HIDDEN;
    rig_crash(r);
    rig_clear(r, HOST);
    rig_clear(r, SPEAKER);
    rig_enter(r, HOST, "host", "host");
    rig_enter(r, SPEAKER, "sue", "speaker");
    assert_says(r, SPEAKER, "welcome", "\"names_hidden\":true");
    rig_say(r, HOST, "{\"type\":\"hide_names\",\"on\":false}"); /* said in the room: it holds */
    rig_crash(r);
    rig_clear(r, HOST);
    rig_clear(r, SPEAKER);
    rig_enter(r, HOST, "host", "host");
    assert_silent(r, HOST, "welcome", "\"names_hidden\":true");
    rig_say(r, HOST, "{\"type\":\"open\"}");
    format.names = NAMES_SHOWN;
    hub_meta_changed(r->hub, "r1", &r->meta);
    rig_pass(r, S);
    rig_clear(r, HOST);
    format.names = NAMES_HIDDEN;
    hub_meta_changed(r->hub, "r1", &r->meta);
    rig_pass(r, S);
    assert_silent(r, HOST, "names_hidden", NULL); /* it is on */
    rig_close(r);
    mem_free(r);
}

/* Every event with a name says whose it is, but where it is the name of something. */
static void subjects(void **state) {
#define X(name, wire, fields, optional, audience, lesson)                                                    \
    [EV_##name] = (((fields) | (optional)) & (FIELD_NAME | FIELD_NAMES)) != 0,
    static const bool has_name[EV_COUNT] = {
#include "server/rooms/events.def"
    };
#undef X
    (void)state;
    for (int t = 0; t < EV_COUNT; t++) {
        struct event e = {.type = (enum event_type)t};
        assert_int_equal(names_subject(NULL, &e) != NULL, has_name[t] && t != EV_TABLE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_the_format),  cmocka_unit_test(while_live),
        cmocka_unit_test(a_new_host),     cmocka_unit_test(names_are_not_found),
        cmocka_unit_test(numbers_differ), cmocka_unit_test(not_understood),
        cmocka_unit_test(who_is_listed),  cmocka_unit_test(turned_while_away),
        cmocka_unit_test(format_changed), cmocka_unit_test(subjects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

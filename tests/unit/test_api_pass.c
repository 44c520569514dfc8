/* The API from request to reply: terms for a part of a series, registering for the whole of it, and the one
 * entry of a calendar that comes of it, read back and laid out by libical. */
#include "tests/unit/web_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libical/ical.h>

#include "server/calendar/zone.h"
#include "server/catalogue/outbox.h"

enum { DAY_MS = 24 * 3600 * 1000, DATES = 6 };

static struct web_rig w;
static char ids[DATES][16];
static int64_t first_ms;

#define ASK(status, person, text, body) web_expect(&w, person, status, text, body)

static const char *path(const char *verb, int date, const char *rest) {
    return web_line("%s /api/events/%s%s", verb, ids[date], rest);
}

static const struct json *terms_of(int date) {
    ASK(200, WEB_GUEST_2, path("GET", date, ""), NULL);
    return json_get(json_get(w.json, "event"), "registration");
}

static void enrol(int person, int date, const char *name, char code[32]) {
    char body[256];
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"email\":\"%s@b.ua\",\"consent\":true,\"lang\":\"en\"}",
             name, name);
    ASK(201, person, path("POST", date, "/register"), body);
    snprintf(code, 32, "%s", web_str(json_get(w.json, "registration"), "code"));
}

/* The states of his dates, a letter each; x: called off, -: given back. */
static const char *states(const char *code) {
    static char out[DATES + 1];
    ASK(200, WEB_GUEST_2, web_line("GET /api/registrations/%s", code), NULL);
    const struct json *dates = json_get(json_get(w.json, "registration"), "dates");
    size_t n = json_len(dates);
    assert_true(n <= DATES);
    for (size_t i = 0; i < n; i++) {
        const char *state = web_str(json_at(dates, i), "state");
        out[i] = web_flag(json_at(dates, i), "cancelled") ? 'x' : strcmp(state, "cancelled") ? state[0] : '-';
    }
    out[n] = 0;
    return out;
}

/* Letters of a kind that wait to be sent; they are, by this. */
static int letters(const char *kind) {
    struct outbox_mail row;
    int n = 0;
    while (outbox_lease(w.house.store, w.now_ms, &row) == 1) {
        n += !strcmp(row.kind, kind);
        assert_int_equal(outbox_sent(w.house.store, row.id), 0);
    }
    return n;
}

/* ---- the entry of a calendar ---- */

struct laid {
    int64_t at_ms[64];
    int n;
};

static void lay(icalcomponent *c, struct icaltime_span *span, void *ctx) {
    struct laid *l = ctx;
    (void)c;
    assert_true(l->n < 64);
    l->at_ms[l->n++] = (int64_t)span->start * 1000;
}

/* When somebody whose calendar has this file is to be there: the rule's times, less those that are taken out,
 * less those another entry stands for, and those entries. */
static void lay_out(const char *text, struct laid *out) {
    icalcomponent *cal = icalparser_parse_string(text), *v;
    struct laid gone = {.n = 0};
    out->n = 0;
    assert_non_null(cal);
    assert_int_equal(icalcomponent_count_errors(cal), 0);
    for (v = icalcomponent_get_first_component(cal, ICAL_VEVENT_COMPONENT); v;
         v = icalcomponent_get_next_component(cal, ICAL_VEVENT_COMPONENT)) {
        icalproperty *id = icalcomponent_get_first_property(v, ICAL_RECURRENCEID_PROPERTY);
        if (!id)
            continue;
        struct icaltimetype t = icalproperty_get_datetime_with_component(id, v);
        gone.at_ms[gone.n++] = (int64_t)icaltime_as_timet_with_zone(t, icaltime_get_timezone(t)) * 1000;
        if (icalcomponent_get_status(v) != ICAL_STATUS_CANCELLED)
            icalcomponent_foreach_recurrence(v, icaltime_from_timet_with_zone(0, 0, NULL),
                                             icaltime_from_string("21000101T000000Z"), lay, out);
    }
    v = icalcomponent_get_first_component(cal, ICAL_VEVENT_COMPONENT);
    if (v && !icalcomponent_get_first_property(v, ICAL_RECURRENCEID_PROPERTY) &&
        icalcomponent_get_status(v) != ICAL_STATUS_CANCELLED) {
        struct laid rule = {.n = 0};
        icalcomponent_foreach_recurrence(v, icaltime_from_timet_with_zone(0, 0, NULL),
                                         icaltime_from_string("21000101T000000Z"), lay, &rule);
        for (int i = 0; i < rule.n; i++) {
            bool is_gone = false;
            for (int k = 0; k < gone.n; k++)
                is_gone |= gone.at_ms[k] == rule.at_ms[i];
            if (!is_gone)
                out->at_ms[out->n++] = rule.at_ms[i];
        }
    }
    icalcomponent_free(cal);
}

/* His file, and that it says just the dates he has a place at. */
static const char *check_file(const char *code) {
    struct laid l;
    ASK(200, WEB_GUEST_2, web_line("GET /api/registrations/%s", code), NULL);
    const struct json *dates = json_get(json_get(w.json, "registration"), "dates");
    int64_t want[DATES];
    int n = 0;
    for (size_t i = 0; i < json_len(dates); i++)
        if (!web_flag(json_at(dates, i), "cancelled") &&
            !strcmp(web_str(json_at(dates, i), "state"), "confirmed"))
            want[n++] = web_number(json_at(dates, i), "starts_at");
    ASK(200, WEB_GUEST_2, web_line("GET /api/registrations/%s/event.ics", code), NULL);
    buf_put(&w.reply.body, "", 1);
    const char *text = (const char *)w.reply.body.p;
    lay_out(text, &l);
    assert_int_equal(l.n, n);
    for (int i = 0; i < n; i++) {
        bool is_there = false;
        for (int k = 0; k < n; k++)
            is_there |= l.at_ms[k] == want[i];
        if (!is_there)
            fail_msg("date %d is missing in\n%s", i, text);
    }
    return text;
}

/* ---- the tests ---- */

static void test_terms_of_a_part(void **state) {
    (void)state;
    ASK(400, HOUSE_TEACHER, path("PUT", 2, "/signup"), "{\"whole\":true}"); /* of one date alone */
    assert_string_equal(web_str(w.json, "field"), "whole");
    ASK(400, HOUSE_TEACHER, path("PUT", 2, "/signup"), "{\"scope\":\"some\"}");
    ASK(403, HOUSE_LEARNER, path("PUT", 2, "/signup"), "{\"scope\":\"all\"}");
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"), "{\"scope\":\"all\",\"capacity\":9}");
    ASK(200, HOUSE_TEACHER, path("PUT", 3, "/signup"), "{\"scope\":\"following\",\"capacity\":5}");
    ASK(200, HOUSE_TEACHER, path("PUT", 1, "/signup"), "{\"capacity\":2}");
    static const int capacity[DATES] = {9, 2, 9, 5, 5, 5};
    for (int i = 0; i < DATES; i++) {
        assert_int_equal(web_number(terms_of(i), "capacity"), capacity[i]);
        assert_false(web_flag(terms_of(i), "whole"));
    }
    ASK(204, HOUSE_TEACHER, path("DELETE", 4, "/signup?scope=following"), "");
    for (int i = 0; i < DATES; i++)
        assert_int_equal(web_flag(terms_of(i), "on"), i < 4);
    ASK(400, HOUSE_TEACHER, path("DELETE", 4, "/signup?scope=some"), "");
    ASK(204, HOUSE_TEACHER, path("DELETE", 5, "/signup?scope=all"), "");
    ASK(404, HOUSE_TEACHER, path("DELETE", 5, "/signup?scope=all"), "");
    struct meeting m = {.join = JOIN_PUBLIC, .starts_at = first_ms};
    house_meeting(&w.house, &m);
    ASK(400, HOUSE_TEACHER, web_line("PUT /api/events/%s/signup", m.id),
        "{\"whole\":true,\"scope\":\"all\"}");
    assert_string_equal(web_str(w.json, "field"), "whole");
    /* Per date, each registration is of its date alone. */
    char code[32];
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"), "{\"scope\":\"all\"}");
    enrol(WEB_GUEST, 1, "Одна", code);
    assert_string_equal(states(code), "");
    assert_int_equal(web_number(terms_of(1), "confirmed"), 1);
    assert_int_equal(web_number(terms_of(2), "confirmed"), 0);
}

static void test_once_for_all(void **state) {
    (void)state;
    char olena[32], marta[32], late[32];
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"),
        "{\"scope\":\"all\",\"whole\":true,\"required\":true}");
    ASK(200, HOUSE_TEACHER, path("PUT", 2, "/signup"), "{\"whole\":true,\"required\":true,\"capacity\":1}");
    assert_int_equal(web_number(terms_of(4), "dates"), DATES);
    enrol(WEB_GUEST, 1, "olena", olena);
    assert_string_equal(states(olena), "cccccc");
    assert_int_equal(letters("confirmation"), 1); /* one person, one letter */
    const char *text = check_file(olena);
    assert_non_null(strstr(text, "RRULE:FREQ=WEEKLY;COUNT=6\r\n"));
    assert_null(strstr(text, "EXDATE"));
    /* The third date has one place: the next one has all the others, and gets it when it is given back. */
    enrol(WEB_GUEST_2, 0, "marta", marta);
    assert_string_equal(states(marta), "ccwccc");
    text = check_file(marta);
    assert_non_null(strstr(text, "EXDATE;TZID=Europe/Kyiv:"));
    ASK(200, WEB_GUEST, web_line("PATCH /api/registrations/%s", olena),
        web_line("{\"cancel\":true,\"event\":\"%s\"}", ids[2]));
    assert_string_equal(states(olena), "cc-ccc");
    check_file(olena);
    assert_string_equal(states(marta), "cccccc");
    check_file(marta);
    /* By the one address he is let in to every date, as the same person. */
    ASK(403, WEB_GUEST, path("POST", 4, "/join"), "{\"name\":\"x\"}");
    ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join?reg=%s", ids[4], marta), "{\"name\":\"marta\"}");
    char member[64];
    snprintf(member, sizeof member, "%s", web_str(w.json, "member"));
    ASK(200, WEB_GUEST, web_line("POST /api/events/%s/join?reg=%s", ids[5], marta), "{\"name\":\"marta\"}");
    assert_string_equal(web_str(w.json, "member"), member);
    ASK(403, WEB_GUEST, web_line("POST /api/events/%s/join?reg=%s", ids[2], olena), "{\"name\":\"olena\"}");
    /* All is given back at once; who comes later is registered for what is to come. */
    letters("");
    ASK(200, WEB_GUEST, web_line("PATCH /api/registrations/%s", marta), "{\"cancel\":true}");
    assert_int_equal(letters("withdrawal"), 1);
    assert_string_equal(states(marta), "------");
    check_file(marta);
    ASK(404, WEB_GUEST, web_line("PATCH /api/registrations/%s", marta),
        "{\"cancel\":true,\"event\":\"aaaaaaaaaa\"}");
    w.now_ms = first_ms + 8 * (int64_t)DAY_MS;
    enrol(WEB_GUEST_2, 3, "late", late);
    assert_string_equal(states(late), "cccc");
    text = check_file(late);
    assert_non_null(strstr(text, "COUNT=4"));
}

static void test_accounts_and_approval(void **state) {
    (void)state;
    char mine[32], again[32];
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"), "{\"scope\":\"all\"}");
    enrol(HOUSE_LEARNER, 3, "", mine); /* for one date, before the host thought better of it */
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"),
        "{\"scope\":\"all\",\"whole\":true,\"approval\":true}");
    enrol(HOUSE_LEARNER, 0, "", again);
    assert_string_equal(states(again), "pppcpp"); /* what he had he keeps */
    ASK(409, HOUSE_LEARNER, path("POST", 1, "/register"), "{\"consent\":true}");
    ASK(200, HOUSE_TEACHER, path("GET", 1, "/registrations"), NULL);
    const struct json *one = json_at(json_get(w.json, "registrations"), 0);
    assert_true(web_flag(one, "whole"));
    long long n = web_number(one, "id");
    letters("");
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/events/%s/registrations/%lld", ids[1], n),
        "{\"state\":\"refused\"}");
    assert_string_equal(states(again), "prpcpp");
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/events/%s/registrations/%lld", ids[1], n),
        "{\"state\":\"confirmed\",\"scope\":\"following\"}");
    assert_string_equal(states(again), "pccccc");
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/events/%s/registrations/%lld", ids[1], n),
        "{\"state\":\"confirmed\",\"scope\":\"all\"}");
    assert_string_equal(states(again), "cccccc");
    assert_int_equal(letters("confirmation"), 1);
    ASK(200, HOUSE_LEARNER, web_line("PATCH /api/registrations/%s", again), "{\"cancel\":true}");
    char back[32];
    enrol(HOUSE_LEARNER, 2, "", back); /* the same pass, so his address stays good */
    assert_string_equal(back, again);
    assert_string_equal(states(back), "pppppp");
}

static void test_calling_off(void **state) {
    (void)state;
    char code[32];
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"), "{\"scope\":\"all\",\"whole\":true}");
    enrol(WEB_GUEST, 0, "olena", code);
    letters("");
    ASK(200, HOUSE_TEACHER, path("POST", 1, "/cancel"), "{}");
    assert_int_equal(letters("cancellation"), 1);
    assert_string_equal(states(code), "cxcccc");
    check_file(code);
    ASK(200, HOUSE_TEACHER, path("POST", 4, "/cancel"), "{\"scope\":\"following\"}");
    assert_int_equal(letters("cancellation"), 1); /* for two dates */
    assert_string_equal(states(code), "cxccxx");
    check_file(code);
    /* The third goes to another day, alone; then the first and all that are left to Wednesdays. */
    ASK(200, HOUSE_TEACHER, path("PATCH", 2, ""),
        web_line("{\"starts_at\":%lld}", (long long)(first_ms + 16 * (int64_t)DAY_MS)));
    assert_int_equal(letters("change"), 1);
    const char *text = check_file(code);
    assert_non_null(strstr(text, "RECURRENCE-ID;TZID=Europe/Kyiv:"));
    ASK(200, HOUSE_TEACHER, path("PATCH", 3, ""),
        web_line("{\"scope\":\"all\",\"starts_at\":%lld}", (long long)(first_ms + 22 * (int64_t)DAY_MS)));
    assert_int_equal(letters("change"), 1);
    check_file(code);
    ASK(200, HOUSE_TEACHER, path("POST", 0, "/cancel"), "{\"scope\":\"all\"}");
    assert_string_equal(states(code), "xxxxxx");
    assert_int_equal(letters("cancellation"), 1);
    text = check_file(code);
    assert_non_null(strstr(text, "STATUS:CANCELLED\r\n"));
    ASK(410, WEB_GUEST, path("POST", 0, "/register"), "{\"name\":\"x\",\"consent\":true}");
}

/* The host made a date one of those named only: whoever registers at another is not let in to it by that. */
static void test_a_date_that_is_not_for_all(void **state) {
    (void)state;
    char code[32];
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"), "{\"scope\":\"all\",\"whole\":true}");
    ASK(200, HOUSE_TEACHER, path("PATCH", 3, ""), "{\"access\":\"list\"}");
    ASK(200, HOUSE_TEACHER, path("PATCH", 4, ""), "{\"access\":\"members\"}");
    assert_int_equal(web_number(terms_of(0), "dates"), DATES - 2);
    enrol(WEB_GUEST, 0, "olena", code);
    assert_string_equal(states(code), "cccc");
    ASK(404, WEB_GUEST, web_line("POST /api/events/%s/join?reg=%s", ids[3], code), "{\"name\":\"x\"}");
    enrol(HOUSE_LEARNER, 0, "", code);
    assert_string_equal(states(code), "ccccc");
}

/* Who gave back one date and comes to think better of it has that one again, and nothing twice. */
static void test_one_date_back(void **state) {
    (void)state;
    char mine[32], again[32];
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"), "{\"scope\":\"all\",\"whole\":true}");
    enrol(HOUSE_LEARNER, 0, "", mine);
    for (int i = 2; i < 5; i += 2)
        ASK(200, HOUSE_LEARNER, web_line("PATCH /api/registrations/%s", mine),
            web_line("{\"cancel\":true,\"event\":\"%s\"}", ids[i]));
    enrol(HOUSE_LEARNER, 2, "", again);
    assert_string_equal(again, mine);
    assert_string_equal(states(mine), "cccc-c");
    enrol(WEB_GUEST, 2, "olena", mine);
    ASK(200, WEB_GUEST, web_line("PATCH /api/registrations/%s", mine),
        web_line("{\"cancel\":true,\"event\":\"%s\"}", ids[2]));
    enrol(WEB_GUEST, 2, "olena", again);
    assert_string_equal(again, mine);
    assert_string_equal(states(mine), "cccccc");
    assert_int_equal(web_number(terms_of(0), "confirmed"), 2);
    enrol(WEB_GUEST, 2, "petro", again); /* her child is another person */
    assert_int_equal(web_number(terms_of(0), "confirmed"), 3);
}

/* The host's yes is to what was asked for. */
static void test_yes_to_what_is_asked(void **state) {
    (void)state;
    char code[32];
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"),
        "{\"scope\":\"all\",\"whole\":true,\"approval\":true}");
    enrol(WEB_GUEST, 0, "olena", code);
    ASK(200, WEB_GUEST, web_line("PATCH /api/registrations/%s", code),
        web_line("{\"cancel\":true,\"event\":\"%s\"}", ids[2]));
    ASK(200, HOUSE_TEACHER, path("GET", 0, "/registrations"), NULL);
    long long n = web_number(json_at(json_get(w.json, "registrations"), 0), "id");
    ASK(200, HOUSE_TEACHER, web_line("PATCH /api/events/%s/registrations/%lld", ids[0], n),
        "{\"state\":\"confirmed\",\"scope\":\"all\"}");
    assert_string_equal(states(code), "cc-ccc");
}

static long long sequence(const char *code) {
    const char *at = strstr(check_file(code), "SEQUENCE:");
    return at ? atoll(at + strlen("SEQUENCE:")) : -1;
}

/* RFC 5546 2.1.4: a new EXDATE is a new sequence, or the older entry is kept. */
static void test_what_changes_is_newer(void **state) {
    (void)state;
    char code[32];
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"), "{\"scope\":\"all\",\"whole\":true}");
    enrol(WEB_GUEST, 0, "olena", code);
    long long first = sequence(code);
    w.now_ms += 60000;
    ASK(200, WEB_GUEST, web_line("PATCH /api/registrations/%s", code),
        web_line("{\"cancel\":true,\"event\":\"%s\"}", ids[2]));
    assert_true(sequence(code) > first);
}

/* The hour that comes twice, the second time: a rule names the first. */
static void test_a_repeated_hour(void **state) {
    (void)state;
    char code[32];
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"), "{\"scope\":\"all\",\"whole\":true}");
    ASK(200, HOUSE_TEACHER, path("PATCH", 0, ""), "{\"scope\":\"all\",\"starts_at\":1792891800000}");
    enrol(WEB_GUEST, 0, "olena", code);
    const char *text = check_file(code);
    assert_non_null(strstr(text, ";COUNT=6\r\n"));
}

/* However many of its dates differ, an entry has the description once: a letter holds it. */
static void test_a_long_description(void **state) {
    (void)state;
    char code[32];
    unsigned n = 0;
    ASK(200, HOUSE_TEACHER, path("PATCH", 0, ""), "{\"scope\":\"all\",\"description\":\"Беріть зошит.\"}");
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"), "{\"scope\":\"all\",\"whole\":true}");
    enrol(WEB_GUEST, 0, "olena", code);
    for (int i = 1; i < 4; i++)
        ASK(200, HOUSE_TEACHER, path("PATCH", i, ""), "{\"duration_min\":30}");
    for (const char *at = check_file(code); (at = strstr(at, "Беріть")); at++)
        n++;
    assert_int_equal(n, 1);
}

/* A date nobody opened is over when its time went by: the one address goes on to the next. */
static void test_a_date_nobody_opened(void **state) {
    (void)state;
    char code[32];
    ASK(200, HOUSE_TEACHER, path("PUT", 0, "/signup"), "{\"scope\":\"all\",\"whole\":true}");
    enrol(WEB_GUEST, 0, "olena", code);
    w.now_ms = first_ms + 15 * (int64_t)DAY_MS;
    ASK(200, WEB_GUEST, web_line("GET /api/registrations/%s", code), NULL);
    assert_string_equal(web_str(json_get(w.json, "event"), "id"), ids[3]);
    assert_true(web_flag(json_at(json_get(json_get(w.json, "registration"), "dates"), 0), "over"));
    ASK(200, WEB_GUEST, web_line("PATCH /api/registrations/%s", code),
        web_line("{\"cancel\":true,\"event\":\"%s\"}", ids[3]));
    ASK(200, WEB_GUEST, web_line("GET /api/registrations/%s", code), NULL);
    assert_string_equal(web_str(json_get(w.json, "event"), "id"), ids[4]);
    ASK(200, WEB_GUEST, web_line("PATCH /api/registrations/%s", code), "{\"cancel\":true}");
    assert_string_equal(states(code), "ccc---"); /* what went by stays as it was */
}

static int64_t tuesday_ms(void) {
    int64_t day = w.now_ms / DAY_MS + 1;
    while ((day + 3) % 7 != 1)
        day++;
    return zone_moment_s("Europe/Kyiv", day * 86400 + 18 * 3600) * 1000;
}

static int set_up(void **state) {
    (void)state;
    web_open(&w);
    w.cfg.mail_from = "som@example.org";
    first_ms = tuesday_ms();
    char body[256];
    snprintf(
        body, sizeof body,
        "{\"title\":\"Гурток\",\"access\":\"public\",\"starts_at\":%lld,\"repeat\":{\"rule\":\"FREQ=WEEKLY;"
        "COUNT=%d\"}}",
        (long long)first_ms, DATES);
    ASK(201, HOUSE_TEACHER, "POST /api/events", body);
    ASK(200, WEB_GUEST,
        web_line("GET /api/calendar?from=%lld&to=%lld", (long long)w.now_ms,
                 (long long)(w.now_ms + 60LL * DAY_MS)),
        NULL);
    for (int i = 0; i < DATES; i++)
        snprintf(ids[i], sizeof ids[i], "%s", web_str(json_at(json_get(w.json, "events"), (size_t)i), "id"));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    web_close(&w);
    return 0;
}

int main(void) {
    icalerror_set_errors_are_fatal(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_terms_of_a_part, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_once_for_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_accounts_and_approval, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_calling_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_date_that_is_not_for_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_date_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_date_nobody_opened, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_changes_is_newer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_repeated_hour, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_long_description, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_yes_to_what_is_asked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

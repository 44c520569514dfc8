/* Zones, repetition and iCalendar text; what is written is read back by libical. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <libical/ical.h>

#include "server/calendar/ics.h"
#include "server/calendar/recur.h"

static int64_t utc(int y, int mo, int d, int h, int mi) {
    return zone_days((struct zone_date){y, mo, d}) * 86400 + h * 3600 + mi * 60;
}

static void test_dates(void **state) {
    (void)state;
    for (int64_t day = -800000; day < 800000; day += 137) {
        struct zone_date d = zone_date(day);
        assert_int_equal(zone_days(d), day);
    }
    assert_int_equal(zone_days((struct zone_date){1970, 1, 1}), 0);
    assert_int_equal(zone_days((struct zone_date){2000, 3, 1}), 11017);
}

static void test_zones(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "Europe/Kyiv\n", "EET;"};
    for (size_t i = 0; i < countof(bad); i++)
        assert_false(zone_ok(str_of(bad[i])));
    assert_true(zone_ok(STR("Europe/Kyiv")) && zone_ok(STR("UTC")) && zone_ok(STR("America/New_York")));
    assert_int_equal(zone_wall_s("Europe/Kyiv", utc(2026, 7, 1, 9, 0)), utc(2026, 7, 1, 12, 0));
    assert_int_equal(zone_wall_s("Europe/Kyiv", utc(2026, 12, 1, 10, 0)), utc(2026, 12, 1, 12, 0));
    assert_int_equal(zone_moment_s("Europe/Kyiv", utc(2026, 12, 1, 12, 0)), utc(2026, 12, 1, 10, 0));
    /* 28 March 2027, 03:00 to 04:00 is left out: with the offset before, it is 04:30 summer time. */
    assert_int_equal(zone_moment_s("Europe/Kyiv", utc(2027, 3, 28, 3, 30)), utc(2027, 3, 28, 1, 30));
    assert_int_equal(zone_wall_s("Europe/Kyiv", utc(2027, 3, 28, 1, 30)), utc(2027, 3, 28, 4, 30));
    /* 25 October 2026, 03:30 is there twice: the first. */
    assert_int_equal(zone_moment_s("Europe/Kyiv", utc(2026, 10, 25, 3, 30)), utc(2026, 10, 25, 0, 30));
    assert_int_equal(zone_moment_s("America/New_York", utc(2026, 7, 4, 20, 0)), utc(2026, 7, 5, 0, 0));
    assert_int_equal(zone_moment_s("UTC", 12345), 12345);
}

static void test_rules(void **state) {
    (void)state;
    static const struct {
        const char *text, *same; /* NULL: refused */
    } v[] = {
        {"FREQ=WEEKLY", "FREQ=WEEKLY"},
        {"FREQ=WEEKLY;INTERVAL=1;COUNT=10;BYDAY=TU,TH", "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=10"},
        {"BYDAY=-1FR;FREQ=MONTHLY;UNTIL=20270131T215959Z", "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270131"},
        {"FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=-1"},
        {"FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;WKST=SU", "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;WKST=SU"},
        {"FREQ=YEARLY;COUNT=2", "FREQ=YEARLY;COUNT=2"},
        {"", NULL},
        {"COUNT=3", NULL},
        {"FREQ=SECONDLY", NULL},
        {"FREQ=weekly", NULL},
        {"FREQ=WEEKLY;FREQ=DAILY", NULL},
        {"FREQ=WEEKLY;COUNT=3;UNTIL=20270131", NULL},
        {"FREQ=WEEKLY;COUNT=0", NULL},
        {"FREQ=WEEKLY;COUNT=201", NULL},
        {"FREQ=WEEKLY;INTERVAL=53", NULL},
        {"FREQ=WEEKLY;BYDAY=2TU", NULL},
        {"FREQ=WEEKLY;BYDAY=TU,", NULL},
        {"FREQ=WEEKLY;BYDAY=TU,TU", NULL},
        {"FREQ=WEEKLY;BYDAY=XX", NULL},
        {"FREQ=MONTHLY;BYDAY=6TU", NULL},
        {"FREQ=MONTHLY;BYMONTHDAY=32", NULL},
        {"FREQ=MONTHLY;BYMONTHDAY=3;BYDAY=TU", NULL},
        {"FREQ=YEARLY;BYDAY=TU", NULL},
        {"FREQ=WEEKLY;UNTIL=20270229", NULL},
        {"FREQ=WEEKLY;UNTIL=20270131X", NULL},
        {"FREQ=WEEKLY;BYSECOND=1", NULL},
        {"FREQ=WEEKLY;;COUNT=1", NULL},
    };
    for (size_t i = 0; i < countof(v); i++) {
        struct recur r, again;
        char text[RECUR_TEXT_MAX + 1];
        int err = recur_parse(&r, str_of(v[i].text));
        if ((err == 0) != (v[i].same != NULL))
            fail_msg("%s: %d", v[i].text, err);
        if (err)
            continue;
        recur_write(&r, text);
        assert_string_equal(text, v[i].same);
        assert_int_equal(recur_parse(&again, str_of(text)), 0);
        assert_memory_equal(&r, &again, sizeof r);
    }
}

static size_t times(const char *rule, int64_t start_s, int64_t *out) {
    struct recur r;
    assert_int_equal(recur_parse(&r, str_of(rule)), 0);
    return recur_times(&r, "Europe/Kyiv", start_s, out, RECUR_TIMES_MAX);
}

static void test_times(void **state) {
    (void)state;
    int64_t v[RECUR_TIMES_MAX];
    /* Every Tuesday and Thursday at 18:00 in Kyiv, over the end of summer time: 15:00 and then 16:00 UTC. */
    assert_int_equal(times("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4", utc(2026, 10, 20, 15, 0), v), 4);
    assert_int_equal(v[0], utc(2026, 10, 20, 15, 0));
    assert_int_equal(v[1], utc(2026, 10, 22, 15, 0));
    assert_int_equal(v[2], utc(2026, 10, 27, 16, 0));
    assert_int_equal(v[3], utc(2026, 10, 29, 16, 0));
    /* Until a day means that day too, in the series' own days: 23:30 in Kyiv is 21:30 UTC. */
    assert_int_equal(times("FREQ=DAILY;UNTIL=20261203", utc(2026, 12, 1, 21, 30), v), 3);
    /* A day that few months have: they are left out. */
    assert_int_equal(times("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", utc(2026, 1, 31, 10, 0), v), 3);
    assert_int_equal(v[1], utc(2026, 3, 31, 9, 0));
    assert_int_equal(times("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", utc(2026, 1, 30, 10, 0), v), 2);
    assert_int_equal(v[1], utc(2026, 2, 27, 10, 0));
    /* The limits hold whatever the rule says. */
    assert_int_equal(times("FREQ=DAILY", utc(2026, 1, 1, 10, 0), v), RECUR_TIMES_MAX);
    assert_int_equal(times("FREQ=WEEKLY", utc(2026, 1, 1, 10, 0), v), RECUR_DAYS_MAX / 7 + 1);
    assert_int_equal(times("FREQ=WEEKLY;UNTIL=20200101", utc(2026, 1, 1, 10, 0), v), 0);
    assert_int_equal(times("FREQ=YEARLY;INTERVAL=52", utc(2024, 2, 29, 10, 0), v), 1);
}

static void check_lines(struct str text) {
    struct str rest = text;
    while (rest.n) {
        const char *end = memmem(rest.p, rest.n, "\r\n", 2);
        assert_non_null(end);
        struct str line = {rest.p, (size_t)(end - rest.p)};
        assert_true(line.n <= ICS_LINE_BYTES);
        assert_true(str_utf8_ok(line));
        assert_null(memchr(line.p, '\n', line.n));
        rest = (struct str){end + 2, rest.n - line.n - 2};
    }
}

static void test_ics(void **state) {
    (void)state;
    static const char title[] =
        "Педагогічна вітальня; \"вступ\", частина 1\\2: про те, як навчати дробів у житті",
                      text[] = "Рядок один\nРядок два, з комою\r\nBEGIN:VALARM";
    struct ics_event e[2] = {{.uid = "k3v9q2mzt7",
                              .title = title,
                              .text = text,
                              .url = "https://live.example.org/e/k3v9q2mzt7",
                              .zone = "Europe/Kyiv",
                              .starts_ms = utc(2026, 10, 27, 16, 0) * 1000,
                              .ends_ms = utc(2026, 10, 27, 17, 30) * 1000,
                              .stamp_ms = utc(2026, 9, 1, 8, 0) * 1000,
                              .sequence = 3,
                              .organizer = "Оксана \"К\"\r\nX-EVIL:1",
                              .organizer_mail = "som@example.org"}};
    e[1] = e[0];
    e[1].uid = "second";
    e[1].cancelled = true;
    e[1].zone = "UTC";
    struct buf out;
    buf_init(&out, 1 << 16);
    ics_write(&(struct ics){.out = &out, .events = e, .n = 2, .name = "Мій календар", .domain = "somhub"});
    check_lines(buf_view(&out));
    assert_null(memmem(out.p, out.n, "\r\nX-EVIL", 8));
    assert_null(memmem(out.p, out.n, "\r\nBEGIN:VALARM", 14));
    icalcomponent *cal = icalparser_parse_string((const char *)out.p);
    assert_non_null(cal);
    assert_int_equal(icalcomponent_count_errors(cal), 0);
    assert_int_equal(icalcomponent_count_components(cal, ICAL_VEVENT_COMPONENT), 2);
    assert_int_equal(icalcomponent_count_components(cal, ICAL_VTIMEZONE_COMPONENT), 1);
    icalcomponent *v = icalcomponent_get_first_component(cal, ICAL_VEVENT_COMPONENT);
    assert_string_equal(icalcomponent_get_summary(v), title);
    assert_string_equal(icalcomponent_get_description(v), "Рядок один\nРядок два, з комою\nBEGIN:VALARM");
    assert_string_equal(icalcomponent_get_uid(v), "k3v9q2mzt7@somhub");
    assert_int_equal(icalcomponent_get_sequence(v), 3);
    assert_int_equal(icalcomponent_get_status(v), ICAL_STATUS_CONFIRMED);
    /* With the zone that is in the file, not the system's: the moment is the same. */
    struct icaltimetype t = icalcomponent_get_dtstart(v);
    icaltimezone *zone = icaltimezone_new();
    assert_true(icaltimezone_set_component(
        zone, icalcomponent_new_clone(icalcomponent_get_first_component(cal, ICAL_VTIMEZONE_COMPONENT))));
    assert_int_equal(icaltime_as_timet_with_zone(t, zone), utc(2026, 10, 27, 16, 0));
    icaltimezone_free(zone, 1);
    (void)icalcomponent_get_first_component(cal, ICAL_VEVENT_COMPONENT);
    v = icalcomponent_get_next_component(cal, ICAL_VEVENT_COMPONENT);
    assert_int_equal(icalcomponent_get_status(v), ICAL_STATUS_CANCELLED);
    assert_int_equal(
        icaltime_as_timet_with_zone(icalcomponent_get_dtstart(v), icaltimezone_get_utc_timezone()),
        utc(2026, 10, 27, 16, 0));
    icalcomponent_free(cal);
    buf_fini(&out);
}

/* Over a year of a zone, hour by hour, the text of the zone says what tzdata says. */
static void test_vtimezone(void **state) {
    (void)state;
    static const char *const zones[] = {"Europe/Kyiv", "America/New_York", "Asia/Kolkata",
                                        "Australia/Lord_Howe"};
    for (size_t k = 0; k < countof(zones); k++) {
        struct ics_event e = {.uid = "x",
                              .title = "",
                              .text = "",
                              .url = "",
                              .zone = zones[k],
                              .organizer = "",
                              .organizer_mail = "",
                              .starts_ms = utc(2026, 1, 1, 0, 0) * 1000,
                              .ends_ms = utc(2027, 1, 1, 0, 0) * 1000};
        struct buf out;
        buf_init(&out, 1 << 16);
        ics_write(&(struct ics){.out = &out, .events = &e, .n = 1, .domain = "d"});
        icalcomponent *cal = icalparser_parse_string((const char *)out.p);
        icaltimezone *zone = icaltimezone_new();
        assert_true(icaltimezone_set_component(
            zone, icalcomponent_new_clone(icalcomponent_get_first_component(cal, ICAL_VTIMEZONE_COMPONENT))));
        for (int64_t at = utc(2026, 1, 1, 0, 30); at < utc(2027, 1, 1, 0, 0); at += 3600) {
            struct icaltimetype t =
                icaltime_from_timet_with_zone((time_t)at, 0, icaltimezone_get_utc_timezone());
            int dst, offset = icaltimezone_get_utc_offset_of_utc_time(zone, &t, &dst);
            if (offset != zone_offset_s(zones[k], at, NULL))
                fail_msg("%s at %lld: %d, not %d", zones[k], (long long)at, offset,
                         zone_offset_s(zones[k], at, NULL));
        }
        icaltimezone_free(zone, 1);
        icalcomponent_free(cal);
        buf_fini(&out);
    }
}

int main(void) {
    icalerror_set_errors_are_fatal(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates), cmocka_unit_test(test_zones), cmocka_unit_test(test_rules),
        cmocka_unit_test(test_times), cmocka_unit_test(test_ics),   cmocka_unit_test(test_vtimezone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

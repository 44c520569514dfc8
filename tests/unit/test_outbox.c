/* Letters as rows: reminders once each and to whom they concern, pauses between tries, a cap for an address.
 */
#include "tests/unit/house_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "server/catalogue/outbox.h"

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };
static struct house h;
static struct meeting m;
static const struct signup open_terms = {.consent = "", .questions = "[]"};

static struct registration enrol(const char *email, int64_t now_ms) {
    struct signup_desk d = {h.store, true, now_ms};
    struct registration r = {.answers = "{}", .lang = "uk"};
    (void)STR_COPY(r.event, str_of(m.id));
    (void)STR_COPY(r.name, STR("Г"));
    (void)STR_COPY(r.email, str_of(email));
    assert_int_equal(signup_add(&d, &open_terms, &r), 0);
    return r;
}

/* How many letters are due, of this kind; they are taken and sent. */
static int take(const char *kind, int64_t now_ms) {
    struct outbox_mail row;
    int n = 0, rc;
    while ((rc = outbox_lease(h.store, now_ms, &row)) > 0) {
        n += !strcmp(row.kind, kind);
        assert_int_equal(outbox_sent(h.store, row.id), 0);
    }
    assert_int_equal(rc, 0);
    return n;
}

static int reminded(const char *kind, int64_t now_ms) {
    assert_int_equal(outbox_remind(h.store, now_ms), 0);
    return take(kind, now_ms);
}

static void test_reminders(void **state) {
    (void)state;
    struct registration quiet = enrol("quiet@b", HOUSE_NOW_MS), gone = enrol("gone@b", HOUSE_NOW_MS);
    struct signup_desk d = {h.store, true, HOUSE_NOW_MS};
    enrol("coming@b", HOUSE_NOW_MS);
    enrol("", HOUSE_NOW_MS); /* no address, no letter */
    assert_int_equal(take("confirmation", HOUSE_NOW_MS), 3);
    assert_int_equal(signup_remind(h.store, quiet.id, false), 0);
    assert_int_equal(signup_set(&d, &open_terms, &gone, REG_CANCELLED), 0);
    assert_int_equal(take("withdrawal", HOUSE_NOW_MS), 1);
    assert_int_equal(reminded("reminder_day", m.starts_at - 25 * HOUR_MS), 0);
    assert_int_equal(reminded("reminder_day", m.starts_at - 23 * HOUR_MS), 1);
    assert_int_equal(reminded("reminder_day", m.starts_at - 22 * HOUR_MS), 0); /* once */
    enrol("late@b", m.starts_at - 5 * HOUR_MS);
    assert_int_equal(take("confirmation", m.starts_at - 5 * HOUR_MS), 1);
    assert_int_equal(reminded("reminder_day", m.starts_at - 4 * HOUR_MS),
                     0); /* he has only just registered */
    assert_int_equal(reminded("reminder_hour", m.starts_at - HOUR_MS / 2), 2);
    assert_int_equal(reminded("reminder_hour", m.starts_at - HOUR_MS / 3), 0);
    assert_int_equal(reminded("reminder_hour", m.starts_at + 1), 0);
}

static void test_a_new_time_is_new(void **state) {
    (void)state;
    enrol("coming@b", HOUSE_NOW_MS);
    (void)take("confirmation", HOUSE_NOW_MS);
    assert_int_equal(reminded("reminder_day", m.starts_at - 23 * HOUR_MS), 1);
    m.starts_at += 2 * DAY_MS;
    assert_int_equal(meeting_update(h.store, &m), 0);
    assert_int_equal(reminded("reminder_day", m.starts_at - 23 * HOUR_MS), 1);
    m.cancelled_at = HOUSE_NOW_MS;
    assert_int_equal(meeting_update(h.store, &m), 0);
    assert_int_equal(reminded("reminder_hour", m.starts_at - HOUR_MS / 2), 0);
}

static void test_tries(void **state) {
    (void)state;
    struct outbox_mail row;
    int64_t now_ms = HOUSE_NOW_MS;
    enrol("a@b", now_ms);
    for (int i = 1; i <= OUTBOX_TRIES_MAX; i++) {
        assert_int_equal(outbox_lease(h.store, now_ms, &row), 1);
        assert_int_equal(row.attempts, i);
        assert_int_equal(outbox_lease(h.store, now_ms, &row), 0); /* nobody takes what is being sent */
        assert_int_equal(outbox_failed(h.store, &row, STR("нема"), false, now_ms), 0);
        assert_int_equal(outbox_lease(h.store, now_ms + outbox_retry_ms(i) - 1, &row), 0);
        now_ms += outbox_retry_ms(i);
    }
    assert_int_equal(outbox_lease(h.store, now_ms + DAY_MS, &row), 0); /* given up */
    enrol("c@d", now_ms);
    assert_int_equal(outbox_lease(h.store, now_ms, &row), 1);
    assert_int_equal(outbox_failed(h.store, &row, STR("never"), true, now_ms), 0);
    assert_int_equal(outbox_lease(h.store, now_ms + DAY_MS, &row), 0);
    enrol("e@f", now_ms);
    assert_int_equal(outbox_lease(h.store, now_ms, &row), 1);
    assert_int_equal(outbox_return(h.store, now_ms), 0); /* as after a crash */
    struct outbox_mail again;
    assert_int_equal(outbox_lease(h.store, now_ms, &again), 1);
    assert_true(again.id == row.id && again.created_at == row.created_at); /* so the Message-ID is the same */
}

static void test_nobody_is_flooded(void **state) {
    (void)state;
    for (int i = 0; i < 40; i++)
        enrol("victim@b", HOUSE_NOW_MS);
    assert_int_equal(take("confirmation", HOUSE_NOW_MS), 20);
    enrol("victim@b", HOUSE_NOW_MS + DAY_MS + 1);
    assert_int_equal(take("confirmation", HOUSE_NOW_MS + DAY_MS + 1), 1);
}

static int set_up(void **state) {
    (void)state;
    house_open(&h);
    m = (struct meeting){.join = JOIN_PUBLIC, .starts_at = HOUSE_NOW_MS + 3LL * DAY_MS};
    house_meeting(&h, &m);
    assert_int_equal(signup_put(&(struct signup_desk){h.store, true, HOUSE_NOW_MS}, &m.id, 1, &open_terms),
                     0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    house_close(&h);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reminders, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_new_time_is_new, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tries, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nobody_is_flooded, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* stills: whose turn it is, and that the rate holds whatever stills take. */
#include "media/rtc/stills.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { SECOND = 1000000, PLACES_MAX = 12 };

/* What `places` pictures of so many bytes each are shown in `turns`; the rate in bits a second. */
static uint64_t rate(unsigned places, unsigned bytes, unsigned turns, unsigned shown[PLACES_MAX]) {
    struct stills s = {0};
    uint64_t sent = 1000000; /* while it moved */
    stills_set(&s, true);
    for (unsigned i = 0; i < turns; i++) {
        stills_turn(&s, sent, (int64_t)i * STILLS_EVERY_US);
        for (unsigned again = 0; again < 3; again++) { /* it is looked at more often than turns begin */
            stills_turn(&s, sent, (int64_t)i * STILLS_EVERY_US + again * SECOND);
            for (unsigned k = 0; k < places; k++) {
                unsigned place = (s.next + k) % places;
                if (!stills_take(&s, place))
                    continue;
                shown[place]++;
                sent += bytes;
            }
        }
    }
    return (sent - 1000000) * 8 / (turns * 5);
}

static void one_small_picture_has_every_turn(void **state) {
    (void)state;
    unsigned shown[PLACES_MAX] = {0};
    assert_int_equal(rate(1, 4000, 100, shown), 6400);
    assert_int_equal(shown[0], 100);
}

static void the_rate_holds(void **state) {
    (void)state;
    static const struct {
        unsigned places, bytes;
    } rows[] = {{1, 9000}, {1, 150000}, {2, 4000}, {9, 4000}, {9, 60000}, {12, 1000}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned shown[PLACES_MAX] = {0}, least = UINT32_MAX, most = 0;
        uint64_t bps = rate(rows[i].places, rows[i].bytes, 1000, shown);
        assert_true(bps <= STILLS_BPS + (uint64_t)rows[i].places * rows[i].bytes * 8 / 5000);
        for (unsigned k = 0; k < rows[i].places; k++) {
            least = shown[k] < least ? shown[k] : least;
            most = shown[k] > most ? shown[k] : most;
        }
        assert_true(least > 0 && most - least <= 1); /* all are shown alike */
    }
}

static void turns_are_the_same_for_all(void **state) {
    (void)state;
    assert_int_equal(stills_next_us(0), STILLS_EVERY_US);
    assert_int_equal(stills_next_us(STILLS_EVERY_US - 1), STILLS_EVERY_US);
    assert_int_equal(stills_next_us(STILLS_EVERY_US), 2 * STILLS_EVERY_US);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_small_picture_has_every_turn),
        cmocka_unit_test(the_rate_holds),
        cmocka_unit_test(turns_are_the_same_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

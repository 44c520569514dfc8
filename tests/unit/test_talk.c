/* talk: where a voice begins for those who start to hear it, and the packet of silence. */
#include "media/rtc/talk.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { FIRST = 70000, FRAME_TS = 960, QUIET = 90 };

/* Packets FIRST.. of these levels, 20 ms each; level 255: lost, 254: DTX without a level. */
static uint64_t first_of(const uint8_t *level, unsigned n) {
    struct history h;
    history_open(&h, HISTORY_AUDIO);
    for (unsigned i = 0; i < n; i++) {
        static const uint8_t sound[40] = {0xf8};
        if (level[i] == 255)
            continue;
        struct rtp p = {
            .seq = (uint16_t)(FIRST + i), .ts = i * FRAME_TS, .payload = {sound, level[i] == 254 ? 1 : 40}};
        struct history_pkt *k = history_put(&h, FIRST + i, &p, NULL, 0);
        k->has_level = level[i] != 254;
        k->level_dbov = level[i];
    }
    uint64_t first = talk_first(&h, history_get(&h, FIRST + n - 1));
    history_close(&h);
    return first - FIRST;
}

static void the_breath_before(void **state) {
    (void)state;
    /* A soft consonant of three packets, then the vowel: it and one packet more. */
    assert_int_equal(first_of((const uint8_t[]){QUIET, QUIET, QUIET, 70, 68, 62, 30}, 7), 2);
    /* Silence right before: one packet for the decoder. */
    assert_int_equal(first_of((const uint8_t[]){QUIET, QUIET, QUIET, 30}, 4), 2);
    assert_int_equal(first_of((const uint8_t[]){127, 254, 254, 30}, 4), 2);
    /* Loss within does not end the search. */
    assert_int_equal(first_of((const uint8_t[]){QUIET, QUIET, 70, 255, 62, 30}, 6), 1);
    /* The very first packet of a source. */
    assert_int_equal(first_of((const uint8_t[]){30}, 1), 0);
    assert_int_equal(first_of((const uint8_t[]){255, 255, 255, 30}, 4), 3);
}

static void not_further_than_a_breath(void **state) {
    (void)state;
    uint8_t noise[100];
    memset(noise, 65, sizeof noise);
    noise[99] = 30;
    assert_int_equal(99 - first_of(noise, 100), TALK_BREATH_US / 20000);
}

static void silence(void **state) {
    (void)state;
    uint8_t out[TALK_SILENCE_BYTES];
    static const uint8_t stereo_two_frames[] = {0xfd, 1, 2, 3};
    talk_silence((struct bytes){stereo_two_frames, 4}, out);
    assert_int_equal(out[0], 0xfc); /* the same mode, one frame, nothing in it */
    talk_silence((struct bytes){0}, out);
    assert_int_equal(out[0], 0xf8);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_breath_before),
                                       cmocka_unit_test(not_further_than_a_breath),
                                       cmocka_unit_test(silence)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

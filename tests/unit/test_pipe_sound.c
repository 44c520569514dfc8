/* The recording's sound when its encoder fails: time goes on, and nothing is read that was never written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/pipeline/sound.h"
#include "tests/unit/pipe_check.h"

enum { S = 1000000 };

static void no_plugin_no_silence(void **state) {
    (void)state;
    struct buf out;
    assert_int_equal(element_plugins(NULL, 0), 0);
    buf_init(&out, 4096);
    assert_int_equal(aac_silence(&out), -ERR_UNSUPPORTED);
    buf_fini(&out);
}

static void an_encoder_that_is_gone_comes_back(void **state) {
    static const char *const plugins[] = {"coreelements", "voaacenc"};
    (void)state;
    assert_int_equal(element_plugins(plugins, 2), 0);
    char dir[64];
    check_tmp(dir);
    struct disk *disk;
    assert_int_equal(disk_open(&disk, dir), 0);
    struct frag_cfg cfg = {.disk = disk,
                           .list = "audio.m3u8",
                           .letter = 'a',
                           .take = 1,
                           .first_run = 1,
                           .timescale = FMP4_AUDIO_HZ,
                           .target_s = 6,
                           .part_us = S};
    struct sound *s = mem_zalloc(sizeof *s);
    assert_int_equal(sound_open(s, &cfg, 0, 4 * S), 0);
    sound_tick(s, 2 * S);
    int64_t heard = s->out;
    assert_true(heard > 60);
    aac_close(&s->aac); /* as it is left when it failed and could not be built */
    sound_tick(s, 3 * S);
    assert_true(s->out > heard + 40);
    sound_stop(s, 64 * 50 * 1000);
    assert_int_equal(s->out, 50 * 3);
    sound_close(s);
    mem_free(s);
    disk_close(disk);
    check_remove(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_plugin_no_silence),
        cmocka_unit_test(an_encoder_that_is_gone_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

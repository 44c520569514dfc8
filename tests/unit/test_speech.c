/* speech: what a program may say, and that one which neither hears nor ends holds nobody up. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <uv.h>
#include "media/base/clock.h"
#include "media/base/err.h"
#include "server/pipes/speech.h"
#include "server/rooms/event.h"

static void lines(void **state) {
    static struct speechline l;
    static const char *const bad[] = {
        "",
        "[]",
        "так",
        "{}",
        "{\"text\":7}",
        "{\"text\":\"\"}",
        "{\"text\":\" \"}",
        "{\"text\":\"a\\u0007\"}",
        "{\"text\":\"так\",\"at_ms\":-1}",
        "{\"text\":\"так\",\"at_ms\":\"1\"}",
        "{\"text\":\"так\",\"final\":1}",
        "{\"text\":\"так\",\"lang\":\"ukrainian\"}",
        "{\"text\":\"так\",\"lang\":\"../\"}",
    };
    (void)state;
    for (size_t i = 0; i < countof(bad); i++)
        assert_int_equal(speechline_parse(&l, str_of(bad[i])), -ERR_INVALID);
    assert_int_equal(speechline_parse(&l, STR("{\"text\":\"Добрий\\nдень\"}")), 0);
    assert_true(str_is((struct str){l.text, l.n}, "Добрий день"));
    assert_true(l.is_final && l.at_ms == -1 && !l.lang[0]);
    assert_int_equal(
        speechline_parse(&l,
                         STR("{\"at_ms\":1200,\"text\":\"x\",\"final\":false,\"lang\":\"en\",\"p\":0.5}")),
        0);
    assert_true(!l.is_final && l.at_ms == 1200);
    assert_string_equal(l.lang, "en");
}

static void long_ones_are_cut(void **state) {
    char text[900] = "";
    struct str rest, part;
    size_t words = 0, parts = 0;
    (void)state;
    for (int i = 0; i < 60; i++)
        strcat(text, "слово ");
    for (rest = str_of(text); speechline_cut(&rest, &part); parts++) {
        assert_true(room_line_ok(part) && part.n % 11 == 10); /* whole words of ten bytes, spaces between */
        words += (part.n + 1) / 11;
    }
    assert_int_equal(words, 60);
    assert_int_equal(parts, 2);
    memset(text, 'x', 450);
    text[450] = 0;
    rest = str_of(text);
    assert_true(speechline_cut(&rest, &part) && part.n == 200);
    assert_true(speechline_cut(&rest, &part) && part.n == 200);
    assert_true(speechline_cut(&rest, &part) && part.n == 50);
    assert_false(speechline_cut(&rest, &part));
}

static void on_line(void *arg, const char *room, const struct speechline *line, int64_t said_ms) {
    (void)arg, (void)room, (void)line, (void)said_ms;
    fail();
}

static void one_that_hangs(void **state) {
    static const uint8_t sound[682];
    uv_loop_t loop;
    struct speech *s;
    struct speech_cfg cfg = {.loop = &loop, .command = "/bin/sleep 600", .ops = {on_line, NULL}};
    (void)state;
    uv_loop_init(&loop);
    assert_int_equal(speech_open(&s, &cfg), 0);
    int fd = speech_listen(s, "r1");
    assert_true(fd >= 0);
    assert_int_equal(speech_active(s), 0); /* with the first sound */
    for (int sent = 0; sent < 4000;) {     /* 85 s of it, of which its pipe and its queue take four */
        sent += send(fd, sound, sizeof sound, MSG_DONTWAIT) > 0;
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(speech_active(s), 1);
    int again = speech_listen(s, "r1"); /* the recorder was started anew: the same program hears on */
    close(fd);
    assert_true(send(again, sound, sizeof sound, MSG_DONTWAIT) > 0);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(speech_active(s), 1);
    int64_t began_us = clock_mono_us();
    speech_end(s, "r1"); /* its input ends, which it does not look at */
    while (speech_active(s))
        uv_run(&loop, UV_RUN_ONCE); /* its timer wakes it */
    assert_int_equal(speech_active(s), 0);
    assert_true(clock_mono_us() - began_us >= SPEECH_END_MS * 900LL);
    close(again);
    while (uv_run(&loop, UV_RUN_ONCE))
        ;
    speech_close(s);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void on_word(void *arg, const char *room, const struct speechline *line, int64_t said_ms) {
    (void)room, (void)said_ms;
    ((unsigned *)arg)[line->is_final]++;
}

/* It guesses without end, says one thing for certain, and dies; a worker of its has the same ends open. */
static void one_that_leaves_a_worker(void **state) {
    static const char script[] = "#!/bin/sh\nsleep 600 &\ni=0\nwhile [ $i -lt 40 ]; do\n"
                                 "echo '{\"text\":\"perhaps\",\"final\":false}'; i=$((i+1)); done\n"
                                 "echo '{\"text\":\"surely\"}'\n";
    static const uint8_t sound[682];
    char path[] = "/tmp/somhub-speech-XXXXXX";
    unsigned said[2] = {0, 0};
    uv_loop_t loop;
    struct speech *s;
    (void)state;
    int file = mkstemp(path);
    assert_int_equal(write(file, script, sizeof script - 1), sizeof script - 1);
    fchmod(file, 0700);
    close(file);
    uv_loop_init(&loop);
    struct speech_cfg cfg = {.loop = &loop, .command = path, .ops = {on_word, said}};
    assert_int_equal(speech_open(&s, &cfg), 0);
    int fd = speech_listen(s, "r1");
    while (said[1] < 2) { /* begun anew: the first one is wholly gone */
        send(fd, sound, sizeof sound, MSG_DONTWAIT);
        uv_run(&loop, UV_RUN_NOWAIT);
        poll(NULL, 0, 20);
    }
    assert_true(said[0] >= 2 && said[0] < 60);
    speech_end(s, "r1");
    close(fd);
    while (uv_run(&loop, UV_RUN_ONCE))
        ;
    speech_close(s);
    assert_int_equal(uv_loop_close(&loop), 0);
    unlink(path);
}

static void without_a_program(void **state) {
    uv_loop_t loop;
    struct speech *s;
    (void)state;
    uv_loop_init(&loop);
    struct speech_cfg cfg = {.loop = &loop, .command = "", .ops = {on_line, NULL}};
    assert_int_equal(speech_open(&s, &cfg), 0);
    assert_int_equal(speech_listen(s, "r1"), -1);
    speech_end(s, "r1");
    speech_close(s);
    cfg.command = "a b c d e f g h i j k l m n o p q";
    assert_int_equal(speech_open(&s, &cfg), -ERR_INVALID);
    uv_loop_close(&loop);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN); /* as the server does: a program may end while it is given sound */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(long_ones_are_cut),
        cmocka_unit_test(one_that_hangs),
        cmocka_unit_test(one_that_leaves_a_worker),
        cmocka_unit_test(without_a_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

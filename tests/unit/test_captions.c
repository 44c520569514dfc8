/* captions: who may write them, what a newcomer is told, and what of them is in a lesson as WebVTT. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/catalogue/vtt.h"
#include "tests/unit/hub_rig.h"
#include "tests/unit/room_rig.h"

enum { HOST = 1, ANN = 2, LATE = 5 };
#define DO(by, ...) rig_do(r, by, (struct command){__VA_ARGS__}, 2000, NULL)
#define CAPTION(by, line, code) DO(by, .type = CMD_CAPTION, .text = line, .name = code)

static int setup(void **state) { return rig_three(state, &rig_lesson); }

static void who_may_write(void **state) {
    struct room *r = *state;
    assert_int_equal(CAPTION("sp", STR("Добрий день"), "uk"), 0);
    assert_int_equal(CAPTION("ann", STR("Добрий день"), "uk"), -ERR_DENIED);
    assert_int_equal(DO("ann", .type = CMD_CAPTIONER, .who = "ann", .on = true), -ERR_DENIED);
    assert_int_equal(DO("host", .type = CMD_CAPTIONER, .who = "eve", .on = true), -ERR_MISSING);
    assert_int_equal(DO("host", .type = CMD_CAPTIONER, .who = "ann", .on = true), 0);
    assert_int_equal(CAPTION("ann", STR("Добрий день"), "uk"), 0);
    /* she goes and comes back */
    assert_int_equal(DO("ann", .type = CMD_LEAVE), 0);
    rig_join(r, "ann", ROLE_ATTENDEE);
    assert_int_equal(CAPTION("ann", STR("Я знову тут"), "uk"), 0);
    assert_int_equal(DO("host", .type = CMD_CAPTIONER, .who = "ann"), 0);
    assert_int_equal(CAPTION("ann", STR("Добрий день"), "uk"), -ERR_DENIED);
    static const char *const bad[] = {"", "u", "UK", "ukra", "u1"};
    for (size_t i = 0; i < countof(bad); i++) {
        struct command c = {.type = CMD_CAPTION, .text = STR("так")};
        STR_COPY(c.name, str_of(bad[i]));
        assert_int_equal(rig_do(r, "sp", c, 2000, NULL), -ERR_INVALID);
    }
    assert_int_equal(CAPTION("sp", STR("два\nрядки"), "uk"), -ERR_INVALID);
    assert_int_equal(
        DO("sp", .type = CMD_CAPTION, .text = STR("так"), .name = "uk", .amount = CAPTION_AGO_MAX_MS + 1),
        -ERR_INVALID);
    assert_int_equal(r->captions.count, 3);
}

static void at_a_table_nobody_writes(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("host", .type = CMD_OPEN), 0);
    assert_int_equal(DO("host", .type = CMD_TABLES, .size = 2), 0);
    assert_int_equal(DO("host", .type = CMD_SEAT, .n = 1, .list = STR("sp\n")), 0);
    assert_int_equal(DO("host", .type = CMD_TABLES_OPEN, .on = true), 0);
    assert_int_equal(CAPTION("sp", STR("лише нам"), "uk"), -ERR_CONFLICT);
    assert_int_equal(CAPTION("host", STR("усім"), "uk"), 0);
}

static void the_last_are_kept(void **state) {
    struct room *r = *state;
    for (int i = 0; i < CAPTIONS_KEEP + 7; i++) {
        char text[32];
        snprintf(text, sizeof text, "рядок %d", i);
        assert_int_equal(CAPTION("sp", str_of(text), "uk"), 0);
    }
    assert_int_equal(r->captions.count, CAPTIONS_KEEP);
    assert_string_equal(captions_at(&r->captions, 0)->text, "рядок 7");
    char last[32];
    snprintf(last, sizeof last, "рядок %d", CAPTIONS_KEEP + 6);
    assert_string_equal(captions_at(&r->captions, CAPTIONS_KEEP - 1)->text, last);
}

static const char *line(const struct room *r, size_t i) { return captions_at(&r->captions, i)->text; }

static void corrected_by_who_may(void **state) {
    struct room *r = *state;
    rig_join(r, "sp2", ROLE_SPEAKER);
    assert_int_equal(CAPTION("sp", STR("дріб одна друга"), "uk"), 0);
    uint64_t n = captions_at(&r->captions, 0)->seq;
    assert_int_equal(DO("sp2", .type = CMD_CAPTION_EDIT, .n = n, .text = STR("моє")), -ERR_DENIED);
    assert_int_equal(DO("ann", .type = CMD_CAPTION_DROP, .n = n), -ERR_DENIED);
    assert_int_equal(DO("sp", .type = CMD_CAPTION_EDIT, .n = n + 9, .text = STR("ні")), -ERR_MISSING);
    assert_int_equal(DO("sp", .type = CMD_CAPTION_EDIT, .n = n, .text = STR("два\nрядки")), -ERR_INVALID);
    assert_string_equal(line(r, 0), "дріб одна друга");
    assert_int_equal(DO("sp", .type = CMD_CAPTION_EDIT, .n = n, .text = STR("дріб ½")), 0);
    assert_string_equal(line(r, 0), "дріб ½");
    uint64_t seq = r->seq;
    assert_int_equal(DO("sp", .type = CMD_CAPTION_EDIT, .n = n, .text = STR("дріб ½")), 0); /* again */
    assert_int_equal(r->seq, seq);
    assert_int_equal(DO("host", .type = CMD_CAPTION_EDIT, .n = n, .text = STR("Дріб ½.")), 0);
    assert_string_equal(line(r, 0), "Дріб ½.");
    assert_string_equal(captions_at(&r->captions, 0)->by, "sp");
}

static void taken_back_it_stays_so(void **state) {
    struct room *r = *state;
    struct command c = {.type = CMD_CAPTION, .text = STR("зайве"), .name = "uk", .n = 77};
    assert_int_equal(rig_do(r, "sp", c, 2000, NULL), 0);
    assert_int_equal(rig_do(r, "sp", c, 2000, NULL), 0); /* sent again: taken once */
    assert_int_equal(r->captions.count, 1);
    assert_int_equal(rig_do(r, "host", c, 2000, NULL), 0); /* another one's number */
    assert_int_equal(r->captions.count, 2);
    uint64_t n = captions_at(&r->captions, 0)->seq;
    assert_int_equal(DO("sp", .type = CMD_CAPTION_DROP, .n = n), 0);
    assert_null(line(r, 0));
    uint64_t seq = r->seq;
    assert_int_equal(DO("sp", .type = CMD_CAPTION_DROP, .n = n), 0);
    assert_int_equal(rig_do(r, "sp", c, 2000, NULL), 0);
    assert_int_equal(r->seq, seq);
    assert_int_equal(DO("host", .type = CMD_CAPTION_EDIT, .n = n, .text = STR("знов")), -ERR_MISSING);
}

/* Who writes captions no more has no say over those he wrote. */
static void a_captioner_no_more(void **state) {
    struct room *r = *state;
    assert_int_equal(DO("host", .type = CMD_CAPTIONER, .who = "ann", .on = true), 0);
    assert_int_equal(CAPTION("ann", STR("моє"), "uk"), 0);
    uint64_t n = captions_at(&r->captions, 0)->seq;
    assert_int_equal(DO("ann", .type = CMD_CAPTION_EDIT, .n = n, .text = STR("інакше")), 0);
    assert_int_equal(DO("host", .type = CMD_CAPTIONER, .who = "ann"), 0);
    assert_int_equal(DO("ann", .type = CMD_CAPTION_EDIT, .n = n, .text = STR("ще")), -ERR_DENIED);
    assert_int_equal(DO("ann", .type = CMD_CAPTION_DROP, .n = n), -ERR_DENIED);
}

static uint64_t last_caption(const struct rig *g) {
    for (size_t i = g->log_n; i-- > 0;)
        if (strstr(g->log[i].json, "\"type\":\"caption\""))
            return g->log[i].seq;
    return 0;
}

/* Through the hub: what is typed goes to all and into no log; the lines stay, over a crash, too. */
static void through_the_hub(void **state) {
    struct rig *g = mem_zalloc(sizeof *g);
    (void)state;
    rig_open(g, NULL);
    rig_class(g);
    rig_say(g, ANN, "{\"type\":\"captioning\",\"id\":2,\"lang\":\"uk\",\"text\":\"Доб\"}");
    assert_says(g, ANN, "error", "\"denied\"");
    size_t before = g->log_n;
    rig_say(g, HOST, "{\"type\":\"captioning\",\"id\":3,\"lang\":\"uk\",\"text\":\"Доб\"}");
    assert_says(g, HOST, "ok", "\"id\":3");
    assert_says(g, ANN, "captioning", "\"lang\":\"uk\",\"text\":\"Доб\"");
    rig_clear(g, ANN);
    rig_say(g, HOST, "{\"type\":\"captioning\",\"lang\":\"uk\"}");
    assert_says(g, ANN, "captioning", "\"lang\":\"uk\"}");
    rig_say(g, HOST, "{\"type\":\"captioning\",\"id\":4,\"lang\":\"u-k\",\"text\":\"Доб\"}");
    assert_says(g, HOST, "error", "\"id\":4");
    assert_int_equal(g->log_n, before);
    rig_say(g, HOST, "{\"type\":\"caption\",\"id\":5,\"lang\":\"uk\",\"text\":\"Добрий день\",\"ago\":900}");
    assert_says(g, ANN, "caption", "\"text\":\"Добрий день\"");
    assert_says(g, ANN, "caption", "\"ago\":900");
    rig_enter(g, LATE, "eve", "attendee");
    assert_says(g, LATE, "welcome", "\"captions\":[{");
    rig_crash(g);
    rig_enter(g, LATE + 1, "eve", "attendee");
    assert_says(g, LATE + 1, "welcome", "\"lang\":\"uk\",\"text\":\"Добрий день\",\"ago\":900}]");
    uint64_t n = last_caption(g);
    rig_enter(g, HOST + 10, "u1", "host");
    rig_say(g, HOST + 10, "{\"type\":\"caption_edit\",\"id\":6,\"n\":%llu,\"text\":\"Доброго дня\"}",
            (unsigned long long)n);
    assert_says(g, LATE + 1, "caption_edit", "\"text\":\"Доброго дня\"");
    rig_enter(g, LATE + 2, "zoe", "attendee");
    assert_says(g, LATE + 2, "welcome", "\"lang\":\"uk\",\"text\":\"Доброго дня\",\"ago\":900}]");
    rig_say(g, HOST + 10, "{\"type\":\"caption_drop\",\"id\":7,\"n\":%llu}", (unsigned long long)n);
    assert_says(g, LATE + 1, "caption_dropped", "\"n\":");
    rig_crash(g);
    rig_enter(g, LATE + 3, "kim", "attendee");
    assert_says(g, LATE + 3, "welcome", "\"seq\"");
    assert_null(rig_last(g, LATE + 3, "welcome", "Доброго"));
    rig_close(g);
    mem_free(g);
}

/* ---- as WebVTT ---- */

static void assert_vtt(struct vtt *v, const char *expected) {
    vtt_end(v);
    buf_put(&v->text, "", 1);
    assert_string_equal((char *)v->text.p, expected);
    vtt_free(v);
}

static void words_are_escaped(void **state) {
    struct vtt v;
    (void)state;
    vtt_begin(&v, "uk");
    vtt_add(&v, 7, (struct vtt_span){500, 900}, STR("a --> b & <i>c</i>"));
    assert_vtt(&v, "WEBVTT\n\n7\n00:00:00.500 --> 00:00:03.800\na --&gt; b &amp; &lt;i&gt;c&lt;/i&gt;\n");
    vtt_begin(&v, "uk");
    vtt_add(&v, 7, (struct vtt_span){0, 0}, STR("a\n\n00:00:01.000 --> 00:00:02.000\r\nb"));
    vtt_end(&v);
    buf_put(&v.text, "", 1);
    assert_non_null(strstr((char *)v.text.p, "\na  00:00:01.000 --&gt; 00:00:02.000  b\n"));
    vtt_free(&v);
}

static void one_after_the_other(void **state) {
    struct vtt v;
    (void)state;
    vtt_begin(&v, "uk");
    vtt_add(&v, 7, (struct vtt_span){1000, 3000}, STR("перше"));
    vtt_add(&v, 8, (struct vtt_span){4000, 5000}, STR("друге")); /* before the first can have been read */
    vtt_add(&v, 9, (struct vtt_span){4100, 4200}, STR("третє")); /* of another hand, at once */
    vtt_add(&v, 12, (struct vtt_span){3599999, 3600500}, STR("і ще"));
    vtt_add(&v, 13, (struct vtt_span){36000000, 36000000}, STR("пізно"));
    assert_vtt(&v, "WEBVTT\n"
                   "\n7\n00:00:01.000 --> 00:00:04.000\nперше\n"
                   "\n8\n00:00:04.000 --> 00:00:05.000\nдруге\n"
                   "\n9\n00:00:05.000 --> 00:00:07.250\nтретє\n"
                   "\n12\n00:59:59.999 --> 01:00:02.700\nі ще\n"
                   "\n13\n10:00:00.000 --> 10:00:02.250\nпізно\n");
}

static void a_file_is_bounded(void **state) {
    struct vtt v;
    char line[200];
    (void)state;
    memset(line, '&', sizeof line);
    vtt_begin(&v, "uk");
    for (int64_t i = 0; i < 5000; i++)
        vtt_add(&v, 7, (struct vtt_span){i * 5000, i * 5000 + 1000}, (struct str){line, sizeof line});
    vtt_end(&v);
    assert_true(v.text.n <= VTT_BYTES_MAX && v.text.n > VTT_BYTES_MAX - 2000);
    assert_false(v.text.over);
    assert_true(v.left_out > 0);
    vtt_free(&v);
}

/* The same moments as web/src/protocol/timeline.ts. */
static void moments_of_takes(void **state) {
    struct json *takes;
    (void)state;
    assert_int_equal(json_parse(&takes, STR("[{\"take\":1,\"base_ms\":0,\"end_ms\":5000,\"wall_ms\":100000},"
                                            "{\"take\":2,\"base_ms\":5000,\"wall_ms\":120000}]")),
                     0);
    assert_int_equal(vtt_media_ms(takes, 99999), -1);
    assert_int_equal(vtt_media_ms(takes, 100000), 0);
    assert_int_equal(vtt_media_ms(takes, 104000), 4000);
    assert_int_equal(vtt_media_ms(takes, 110000), 5000); /* between two takes */
    assert_int_equal(vtt_media_ms(takes, 121500), 6500);
    json_free(takes);
}

int main(void) {
#define STORY(f) cmocka_unit_test_setup_teardown(f, setup, rig_three_over)
    const struct CMUnitTest tests[] = {
        STORY(who_may_write),
        STORY(at_a_table_nobody_writes),
        STORY(the_last_are_kept),
        STORY(corrected_by_who_may),
        STORY(taken_back_it_stays_so),
        STORY(a_captioner_no_more),
        cmocka_unit_test(through_the_hub),
        cmocka_unit_test(words_are_escaped),
        cmocka_unit_test(one_after_the_other),
        cmocka_unit_test(a_file_is_bounded),
        cmocka_unit_test(moments_of_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

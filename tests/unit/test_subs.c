/* subs: what of WebVTT and SubRip is taken, and of what is not, the line and the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "media/base/buf.h"
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/catalogue/subs.h"
#include "server/catalogue/vtt.h"

/* "1000-2000 words|…" of each cue, or "fault@line". */
static void read_all(struct str file, struct buf *out) {
    static struct subs_cue c;
    struct subs p;
    buf_init(out, 8 << 20);
    int rc = subs_open(&p, file);
    while (!rc && (rc = subs_next(&p, &c)) > 0) {
        buf_printf(out, "%lld-%lld %.*s|", (long long)c.start_ms, (long long)c.end_ms, (int)c.n, c.text);
        rc = 0;
    }
    if (rc) {
        assert_int_equal(rc, -ERR_INVALID);
        buf_reset(out);
        buf_printf(out, "%s@%zu", subs_fault_name(p.fault), p.line);
    }
}

static void cases(void **state) {
    static const char *const rows[][2] = {
        {"WEBVTT\n\n00:01.000 --> 00:02.500\nраз\n", "1000-2500 раз|"},
        {"\xef\xbb\xbfWEBVTT - уроки\r\nKind: captions\r\n\r\n1\r\n01:00:00.000 --> 01:00:01.000 align:start "
         "line:0\r\nраз\r\nдва\r\n\r\n",
         "3600000-3601000 раз\nдва|"},
        {"WEBVTT\n\nSTYLE\n::cue { color: red }\n\nNOTE хтось\nщось\n\n00:01.000 --> 00:02.000\n"
         "<v Олена>так</v> <i>і</i> <00:01.500>ні &amp; &lt;b&gt; &copy;\n\n"
         "00:01.000 --> 00:02.000\n <b> </b> \n\n00:03.000 --> 00:04.000\nще",
         "1000-2000 так і ні & <b> &copy;|3000-4000 ще|"},
        {"1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<font color=\"red\">Привіт</font>, 1 < 2\n\n\n2\n"
         "0:00:03.500 --> 0:00:04,000 X1:1 X2:2\nтак\n",
         "1000-2000 Привіт, 1 < 2|3500-4000 так|"},
        {"\n\n00:00:01,000 --> 00:00:02,000\r- Так?\r- Ні.\r", "1000-2000 - Так?\n- Ні.|"},
        {"", "size@0"},
        {"Субтитри\n", "kind@1"},
        {"WEBVTT1\n", "kind@1"},
        {"\n\n", "kind@2"},
        {"WEBVTT\n", "none@1"},
        {"WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "none@4"},
        {"WEBVTT\n00:01.000 --> 00:02.000\nраз\n", "times@2"},
        {"WEBVTT\n\nраз\nдва\n", "times@4"},
        {"WEBVTT\n\nраз", "times@3"},
        {"WEBVTT\n\n0:01.000 --> 00:02.000\nраз\n", "times@3"},
        {"WEBVTT\n\n00:61.000 --> 00:62.000\nраз\n", "times@3"},
        {"WEBVTT\n\n00:01,000 --> 00:02,000\nраз\n", "times@3"},
        {"WEBVTT\n\n00:01.000 -->00:02.000\nраз\n", "times@3"},
        {"WEBVTT\n\n00:01.000 --> 00:02.000x\nраз\n", "times@3"},
        {"WEBVTT\n\n00:01.000 --> 00:02.000\nраз\n00:03.000 --> 00:04.000\nдва\n", "times@5"},
        {"WEBVTT\n\n00:02.000 --> 00:02.000\nраз\n", "ends@3"},
        {"WEBVTT\n\n00:02.000 --> 00:03.000\nраз\n\n00:01.000 --> 00:04.000\nдва\n", "order@6"},
        {"WEBVTT\n\n00:02.000 --> 00:03.000\nраз < два\n", "tag@4"},
        {"WEBVTT\n\n00:02.000 --> 00:03.000\nраз\x07\n\n", "words@3"},
        {"WEBVTT\n\n00:02.000 --> 00:03.000\n\xcf\xf0\xe8\n", "utf8@4"},
        {"1\n00:00:01,000 --> 00:00:02,000\nраз\n\nдва\n\n", "times@6"},
    };
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct buf b;
        read_all(str_of(rows[i][0]), &b);
        if (strcmp((char *)b.p, rows[i][1]) != 0)
            fail_msg("case %zu: %s instead of %s", i, (char *)b.p, rows[i][1]);
        buf_fini(&b);
    }
}

static void limits(void **state) {
    struct buf file, out;
    (void)state;
    for (size_t n = SUBS_CUES_MAX; n <= SUBS_CUES_MAX + 1; n++) {
        buf_init(&file, 4 << 20);
        buf_z(&file, "WEBVTT\n");
        for (size_t i = 0; i < n; i++)
            buf_z(&file, "\n00:01.000 --> 00:02.000\nтак\n");
        read_all(buf_view(&file), &out);
        assert_int_equal(strcmp((char *)out.p, "many@60004") == 0, n > SUBS_CUES_MAX);
        buf_fini(&out);
        buf_fini(&file);
    }
    for (size_t n = SUBS_CUE_CHARS; n <= SUBS_CUE_CHARS + 1; n++) {
        buf_init(&file, 4096);
        buf_z(&file, "WEBVTT\n\n00:01.000 --> 00:02.000\n");
        for (size_t i = 0; i < n; i++)
            buf_z(&file, "ї");
        read_all(buf_view(&file), &out);
        assert_int_equal(strcmp((char *)out.p, "words@3") == 0, n > SUBS_CUE_CHARS);
        buf_fini(&out);
        buf_fini(&file);
    }
}

/* What vtt writes of what was read is read as the same. */
static void there_and_back(void **state) {
    static struct subs_cue c;
    struct subs p;
    struct vtt v;
    struct buf first, again;
    struct str srt = STR("1\n00:00:01,000 --> 00:00:02,000\nа --> б & <в>\nNOTE &amp;\n\n"
                         "2\n99:59:59,998 --> 99:59:59,999\n<\n");
    (void)state;
    read_all(srt, &first);
    vtt_begin(&v, "uk");
    assert_int_equal(subs_open(&p, srt), 0);
    /* "-->" stands in words only in SubRip's own times */
    assert_int_equal(subs_next(&p, &c), -ERR_INVALID);
    srt = STR("1\n00:00:01,000 --> 00:00:02,000\nа -> б & < в\nNOTE &amp;\n\n"
              "2\n99:59:59,998 --> 99:59:59,999\n<\n");
    buf_fini(&first);
    read_all(srt, &first);
    assert_int_equal(subs_open(&p, srt), 0);
    while (subs_next(&p, &c) > 0)
        vtt_put(&v, p.cues, (struct vtt_span){c.start_ms, c.end_ms}, (struct str){c.text, c.n});
    vtt_end(&v);
    read_all(buf_view(&v.text), &again);
    assert_string_equal((char *)first.p, "1000-2000 а -> б & < в\nNOTE &amp;|359999998-359999999 <|");
    assert_string_equal((char *)first.p, (char *)again.p);
    buf_fini(&first);
    buf_fini(&again);
    vtt_free(&v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(limits),
        cmocka_unit_test(there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

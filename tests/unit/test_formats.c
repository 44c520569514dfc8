/* formats: what ships loads, and each wrong file is refused in a sentence that names file and key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "media/base/err.h"
#include "server/catalogue/formats.h"

static void what_ships(void **state) {
    static struct formats f;
    char why[FORMATS_SENTENCE_MAX] = "";
    (void)state;
    if (formats_load(&f, "config/formats", why))
        fail_msg("%s", why);
    assert_true(f.n >= 3);
    static const char *const ids[] = {"lesson", "master-class", "webinar"};
    for (size_t i = 0; i < countof(ids); i++) {
        const struct format *m = formats_find(&f, str_of(ids[i]));
        assert_non_null(m);
        for (int r = ROLE_SPEAKER; r < ROLE_COUNT; r++)
            assert_true(m->can[r] & CAN_PUBLISH_CAMERA);
        for (int r = 0; r < ROLE_COHOST; r++)
            assert_false(m->can[r] & (CAN_MODERATE | CAN_RUN | CAN_GRANT | CAN_RECORD));
    }
    assert_false(formats_find(&f, STR("webinar"))->can[ROLE_ATTENDEE] & CAN_STAGE_AUTO);
    assert_true(formats_find(&f, STR("lesson"))->lobby);
    assert_null(formats_find(&f, STR("circus")));
}

#define ROLES "\"roles\":{\"host\":[\"run\"],\"cohost\":[],\"speaker\":[],\"attendee\":[\"chat\"]}"
#define REST                                                                                                 \
    "\"name\":{\"uk\":\"У\",\"en\":\"E\"},\"lobby\":true,\"record\":\"never\",\"stage_max\":3,"             \
    "\"video_slots\":2,\"codecs\":[\"vp8\",\"h264\"]"

static void a_good_one(void **state) {
    struct format f;
    char why[FORMATS_SENTENCE_MAX];
    (void)state;
    assert_int_equal(formats_parse(&f, STR("{\"id\":\"x\"," REST "," ROLES "}"), "x.json", why), 0);
    assert_string_equal(f.name_uk, "У");
    assert_true(f.lobby && f.prefer_vp8);
    assert_int_equal(f.record, RECORD_NEVER);
    assert_int_equal(f.stage_max, 3);
    assert_int_equal(f.video_slots, 2);
    assert_int_equal(f.can[ROLE_HOST], CAN_RUN);
    assert_int_equal(f.can[ROLE_ATTENDEE], CAN_CHAT);
}

static void wrong_ones(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "x.json: not a JSON object."},
        {"[]", "x.json: not a JSON object."},
        {"{\"id\":\"x\"," REST "," ROLES ",\"colour\":1}", "x.json: unknown key \"colour\"."},
        {"{" REST "," ROLES "}", "x.json: \"id\" is missing."},
        {"{\"id\":\"y\"," REST "," ROLES "}", "x.json: \"id\" must be the file's name without .json."},
        {"{\"id\":\"x\"," REST "}", "x.json: \"roles\" is missing."},
        {"{\"id\":\"x\"," REST ",\"roles\":{\"host\":[\"run\"],\"cohost\":[],\"speaker\":[]}}",
         "x.json: \"roles\" must have lists for host, cohost, speaker and attendee."},
        {"{\"id\":\"x\"," REST
         ",\"roles\":{\"host\":[\"run\"],\"cohost\":[],\"speaker\":[],\"attendee\":[\"fly\"]}}",
         "x.json: \"roles\" of attendee has an unknown permission \"fly\"."},
        {"{\"id\":\"x\"," REST ",\"roles\":{\"host\":[],\"cohost\":[],\"speaker\":[],\"attendee\":[]}}",
         "x.json: \"roles\" must let the host run the event."},
        {"{\"id\":\"x\",\"name\":{\"uk\":\"У\"},\"lobby\":true,\"record\":\"never\",\"stage_max\":3,"
         "\"video_slots\":2,\"codecs\":[\"vp8\"]," ROLES "}",
         "x.json: \"name\" must have uk and en."},
        {"{\"id\":\"x\",\"name\":{\"uk\":\"У\",\"en\":\"E\"},\"lobby\":1,\"record\":\"never\",\"stage_max\":"
         "3,"
         "\"video_slots\":2,\"codecs\":[\"vp8\"]," ROLES "}",
         "x.json: \"lobby\" must be true or false."},
        {"{\"id\":\"x\",\"name\":{\"uk\":\"У\",\"en\":\"E\"},\"lobby\":true,\"record\":\"maybe\",\"stage_"
         "max\":3,"
         "\"video_slots\":2,\"codecs\":[\"vp8\"]," ROLES "}",
         "x.json: \"record\" must be never, manual or auto."},
        {"{\"id\":\"x\",\"name\":{\"uk\":\"У\",\"en\":\"E\"},\"lobby\":true,\"record\":\"auto\",\"stage_"
         "max\":101,"
         "\"video_slots\":2,\"codecs\":[\"vp8\"]," ROLES "}",
         "x.json: \"stage_max\" must be a number from 1 to 100."},
        {"{\"id\":\"x\",\"name\":{\"uk\":\"У\",\"en\":\"E\"},\"lobby\":true,\"record\":\"auto\",\"stage_"
         "max\":1,"
         "\"video_slots\":2,\"codecs\":[\"av1\"]," ROLES "}",
         "x.json: \"codecs\" may have h264 and vp8 only."},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct format f;
        char why[FORMATS_SENTENCE_MAX] = "";
        assert_int_equal(formats_parse(&f, str_of(rows[i].text), "x.json", why), -ERR_INVALID);
        assert_string_equal(why, rows[i].says);
    }
}

static void folders(void **state) {
    static struct formats f;
    char dir[] = "/tmp/formats-XXXXXX", path[64], why[FORMATS_SENTENCE_MAX] = "";
    (void)state;
    assert_int_equal(formats_load(&f, "/nonexistent", why), -ERR_MISSING);
    assert_non_null(strstr(why, "/nonexistent"));
    assert_non_null(mkdtemp(dir));
    assert_int_equal(formats_load(&f, dir, why), -ERR_MISSING);
    snprintf(path, sizeof path, "%s/x.json", dir);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs("{}", out);
    fclose(out);
    assert_int_equal(formats_load(&f, dir, why), -ERR_INVALID);
    assert_string_equal(why, "x.json: \"id\" is missing.");
    unlink(path);
    rmdir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ships),
        cmocka_unit_test(a_good_one),
        cmocka_unit_test(wrong_ones),
        cmocka_unit_test(folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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
#include "server/catalogue/formatdoc.h"
#include "server/catalogue/formats.h"

static void what_ships(void **state) {
    static struct formats f;
    char why[FORMATS_SENTENCE_MAX] = "";
    (void)state;
    if (formats_load(&f, "config/formats", why))
        fail_msg("%s", why);
    assert_int_equal(f.n, 13);
    static const char *const ids[] = {
        "auction",           "cafe",     "conference",  "consultation", "contest-final",
        "interactive-class", "lesson",   "living-room", "master-class", "meeting",
        "seminar",           "training", "webinar"};
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
    const struct format *c = formats_find(&f, STR("consultation"));
    assert_true(c->record == RECORD_NEVER && c->keep == KEEP_COUNTS && c->layout == LAYOUT_SIDE);
    assert_false(c->can[ROLE_HOST] & CAN_RECORD);
    assert_true(formats_find(&f, STR("cafe"))->tables && formats_find(&f, STR("webinar"))->questions);
}

#define ROLES                                                                                                \
    "\"roles\":{\"host\":[\"run\",\"moderate\",\"tables\"],\"cohost\":[],\"speaker\":[],\"attendee\":["      \
    "\"chat\"]}"
#define REST                                                                                                 \
    "\"name\":{\"uk\":\"У\",\"en\":\"E\"},\"lobby\":true,\"record\":\"never\",\"keep\":\"counts\","         \
    "\"layout\":\"side\","                                                                                   \
    "\"questions\":\"chat\",\"tables\":true,\"stage_max\":3,"                                                \
    "\"video_slots\":2,\"codecs\":[\"vp8\",\"h264\"]"

static void a_good_one(void **state) {
    struct format f;
    char why[FORMATS_SENTENCE_MAX];
    (void)state;
    assert_int_equal(formats_parse(&f, STR("{\"id\":\"x\"," REST "," ROLES "}"), "x.json", why), 0);
    assert_string_equal(f.name_uk, "У");
    assert_true(f.lobby && f.video == MEDIA_VP8);
    assert_int_equal(f.record, RECORD_NEVER);
    assert_true(f.keep == KEEP_COUNTS && f.layout == LAYOUT_SIDE && f.questions == QUESTIONS_CHAT &&
                f.tables);
    assert_int_equal(f.stage_max, 3);
    assert_int_equal(f.video_slots, 2);
    assert_int_equal(f.can[ROLE_HOST], CAN_RUN | CAN_MODERATE | CAN_TABLES);
    assert_int_equal(f.can[ROLE_ATTENDEE], CAN_CHAT);
}

static void wrong_ones(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "x.json: not a JSON object."},
        {"[]", "x.json: not a JSON object."},
        {"{\"id\":\"x\"," REST "," ROLES ",\"colour\":1}", "x.json: \"colour\" is no key of a format."},
        {"{" REST "," ROLES "}", "x.json: \"id\" is missing."},
        {"{\"id\":\"y\"," REST "," ROLES "}",
         "x.json: \"id\" is \"y\": it must be the file's name without .json."},
        {"{\"id\":\"x\"," REST "}", "x.json: \"roles\" is missing."},
    };
    for (size_t i = 0; i < countof(rows); i++) {
        struct format f;
        char why[FORMATS_SENTENCE_MAX] = "";
        assert_int_equal(formats_parse(&f, str_of(rows[i].text), "x.json", why), -ERR_INVALID);
        assert_string_equal(why, rows[i].says);
    }
}

/* One value of a good file put wrong. */
static void wrong_values(void **state) {
    static const struct {
        const char *right, *wrong, *says;
    } rows[] = {
        {",\"en\":\"E\"", "", "x.json: \"name.en\" must be a text of 1 to 60 characters."},
        {"\"E\"", "\" \"", "x.json: \"name.en\" is \" \": it must be a text of 1 to 60 characters."},
        {"\"lobby\":true", "\"lobby\":1", "x.json: \"lobby\" is 1: it must be true or false."},
        {"\"never\"", "\"maybe\"", "x.json: \"record\" is \"maybe\": it must be never, manual or auto."},
        {"\"never\"", "\"auto\"",
         "x.json: \"keep\" is \"counts\": it can be counts only where \"record\" is never."},
        {"\"counts\"", "\"some\"", "x.json: \"keep\" is \"some\": it must be all or counts."},
        {"\"side\"", "\"round\"",
         "x.json: \"layout\" is \"round\": it must be speaker, grid, slides, screen or side."},
        {"\"side\"", "\"free\"",
         "x.json: \"layout\" is \"free\": it must be speaker, grid, slides, screen or side."},
        {"\"questions\":\"chat\"", "\"questions\":\"none\"",
         "x.json: \"questions\" is \"none\": it must be chat, moderated or approved."},
        {"\"tables\":true", "\"tables\":4", "x.json: \"tables\" is 4: it must be true or false."},
        {"\"tables\":true,", "", "x.json: \"tables\" is missing."},
        {"\"tables\":true", "\"tables\":false",
         "x.json: \"roles.host\" must not have \"tables\" where \"tables\" is false."},
        {"[\"chat\"]", "[\"ask\"]",
         "x.json: \"roles.attendee\" must not have \"ask\" where \"questions\" is chat: nobody keeps a list "
         "of questions there."},
        {"[\"chat\"]", "[\"fly\"]", "x.json: \"roles.attendee\" has an unknown permission \"fly\"."},
        {"[\"chat\"]", "[\"grant\"]",
         "x.json: \"roles.attendee\" must not have \"grant\": whoever has the link would have it."},
        {"\"speaker\":[],", "", "x.json: \"roles.speaker\" is missing."},
        {"\"speaker\":[]", "\"speaker\":{}",
         "x.json: \"roles.speaker\" is {}: it must be a list of permissions."},
        {"\"speaker\"", "\"clown\"",
         "x.json: \"roles\" has an unknown role \"clown\": there are host, cohost, speaker and attendee."},
        {"\"run\",", "",
         "x.json: \"roles.host\" must have \"run\": nobody else may open the event for sure."},
        {"\"run\",", "\"run\",\"record\",",
         "x.json: \"roles.host\" must not have \"record\" where \"record\" is never."},
        {"\"moderate\",", "",
         "x.json: \"roles.host\" must have \"moderate\" where \"lobby\" is true: nobody could let people "
         "in."},
        {",\"tables\"]", "]",
         "x.json: \"roles.host\" must have \"tables\" where \"tables\" is true: nobody could lay them."},
        {"\"stage_max\":3", "\"stage_max\":101",
         "x.json: \"stage_max\" is 101: it must be a number from 1 to 100."},
        {"\"video_slots\":2", "\"video_slots\":13",
         "x.json: \"video_slots\" is 13: it must be a number from 1 to 12."},
        {"[\"vp8\",\"h264\"]", "[\"h265\"]",
         "x.json: \"codecs\" is [\"h265\"]: it may have h264, vp8, vp9 and av1 only."},
        {"[\"vp8\",\"h264\"]", "[\"h264\",\"vp9\"]",
         "x.json: \"codecs\" is [\"h264\",\"vp9\"]: it may have vp9 or av1 in the first place only."},
        {"[\"vp8\",\"h264\"]", "[\"av1\"]",
         "x.json: \"codecs\" is [\"av1\"]: it must name h264 or vp8 after vp9 or av1, for who cannot send or "
         "show that."},
    };
    static const char good[] = "{\"id\":\"x\"," REST "," ROLES "}";
    (void)state;
    for (size_t i = 0; i < countof(rows); i++) {
        struct format f;
        char why[FORMATS_SENTENCE_MAX] = "", text[1024];
        const char *at = strstr(good, rows[i].right);
        assert_non_null(at);
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, rows[i].wrong,
                 at + strlen(rows[i].right));
        assert_int_equal(formats_parse(&f, str_of(text), "x.json", why), -ERR_INVALID);
        assert_string_equal(why, rows[i].says);
    }
}

/* All that is wrong is told at once, each with its key, and what is written reads the same. */
static void all_at_once(void **state) {
    static const char text[] =
        "{\"id\":\"X\",\"colour\":1,\"name\":{\"uk\":5,\"en\":\"E\"},\"about\":{\"uk\":\"\"},\"lobby\":0,"
        "\"record\":\"manual\",\"keep\":\"counts\",\"layout\":\"grid\",\"questions\":\"chat\","
        "\"tables\":false,\"stage_max\":0,\"video_slots\":12,\"codecs\":[],\"roles\":{\"host\":[\"run\"],"
        "\"cohost\":[\"tables\"],\"speaker\":[\"ask\"],\"attendee\":[\"run\"]}}";
    static const struct {
        const char *field, *why;
    } rows[] = {
        {"colour", "unknown"},
        {"id", "id"},
        {"name.uk", "text"},
        {"about.en", "missing"},
        {"lobby", "bool"},
        {"stage_max", "number"},
        {"codecs", "codecs"},
        {"keep", "keep_counts"},
        {"roles.cohost", "tables_off"},
        {"roles.speaker", "questions_chat"},
        {"roles.attendee", "power"},
    };
    static struct formatdoc_wrongs w;
    struct format f;
    struct json *doc;
    (void)state;
    assert_int_equal(json_parse(&doc, STR(text)), 0);
    assert_int_equal(formatdoc_read(&f, doc, &w), -ERR_INVALID);
    json_free(doc);
    for (size_t i = 0; i < countof(rows); i++) {
        if (i >= w.n)
            fail_msg("%s is not refused", rows[i].field);
        assert_string_equal(w.v[i].field, rows[i].field);
        assert_string_equal(w.v[i].why, rows[i].why);
    }
    assert_int_equal(w.n, countof(rows));
    assert_string_equal(w.v[5].value, "0");
}

static void written_and_read(void **state) {
    static struct formats all;
    static struct formatdoc_wrongs w;
    char why[FORMATS_SENTENCE_MAX];
    (void)state;
    assert_int_equal(formats_load(&all, "config/formats", why), 0);
    for (size_t i = 0; i < all.n; i++) {
        struct format again;
        struct json *doc = formatdoc_json(&all.v[i]);
        assert_int_equal(formatdoc_read(&again, doc, &w), 0);
        assert_memory_equal(&again, &all.v[i], sizeof again);
        json_free(doc);
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
        cmocka_unit_test(what_ships),       cmocka_unit_test(a_good_one), cmocka_unit_test(wrong_ones),
        cmocka_unit_test(wrong_values),     cmocka_unit_test(folders),    cmocka_unit_test(all_at_once),
        cmocka_unit_test(written_and_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

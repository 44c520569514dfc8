/* The log on disk and what is projected from it; publishing; the timeline; jobs as rows. */
#include "tests/unit/house_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/rooms/names.h"
#include "server/catalogue/job.h"
#include "server/catalogue/lesson.h"
#include "server/catalogue/people.h"
#include "server/catalogue/recdir.h"
#include "server/catalogue/transcript.h"
#include "server/catalogue/roomlog.h"

static struct meeting get(struct house *h, const char *id) {
    struct meeting m;
    assert_int_equal(meeting_get(h->store, str_of(id), &h->arena, &m), 0);
    return m;
}

static struct access_facts facts(struct house *h, const char *id, int who, const char *guest) {
    struct meeting m = get(h, id);
    struct access_facts f;
    struct user nobody = {.id = 0};
    assert_int_equal(meeting_facts(h->store, &m, who < 0 ? &nobody : &h->people[who], guest, &f), 0);
    return f;
}

static void test_log_is_projected(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    house_meeting(h, &m);
    assert_int_equal(get(h, m.id).life, LIFE_SCHEDULED);
    assert_int_equal(roomlog_last(h->store, m.id), 0);
    house_log(h, m.id, "\"type\":\"waiting\",\"who\":\"g1\",\"name\":\"Г\",\"role\":\"attendee\"");
    assert_false(facts(h, m.id, -1, "g1").came); /* the lobby is not the room */
    house_log(h, m.id,
              "\"type\":\"joined\",\"who\":\"g1\",\"name\":\"Г\",\"role\":\"attendee\",\"stage\":false");
    assert_true(facts(h, m.id, -1, "g1").came);
    assert_false(facts(h, m.id, -1, "g2").came);
    house_log(h, m.id, "\"type\":\"chat\",\"name\":\"Г\",\"text\":\"{\\\"type\\\":\\\"opened\\\"}\"");
    assert_int_equal(get(h, m.id).life, LIFE_SCHEDULED); /* what somebody writes is not what happens */
    house_log(h, m.id, "\"type\":\"opened\"");
    assert_int_equal(get(h, m.id).life, LIFE_OPEN);
    assert_int_equal(get(h, m.id).opened_at, HOUSE_NOW_MS + 4000);
    char ids[4][MEETING_ID_CHARS + 1];
    assert_int_equal(meeting_open_ids(h->store, ids, 4), 1);
    assert_string_equal(ids[0], m.id);
    house_log(h, m.id, "\"type\":\"removed\",\"who\":\"g1\",\"ban\":false");
    assert_false(facts(h, m.id, -1, "g1").banned);
    house_log(h, m.id, "\"type\":\"removed\",\"who\":\"g1\",\"ban\":true");
    assert_true(facts(h, m.id, -1, "g1").banned);
    house_log(h, m.id, "\"type\":\"ended\"");
    assert_int_equal(get(h, m.id).life, LIFE_ENDED);
    assert_int_equal(get(h, m.id).ended_at, HOUSE_NOW_MS + 7000);
    assert_int_equal(meeting_open_ids(h->store, ids, 4), 0);
}

static int count(void *ctx, const struct roomlog_line *l) {
    int *n = ctx;
    (*n)++;
    return l->seq == 3 ? 77 : 0;
}

static void test_append_is_all_or_nothing(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    house_meeting(h, &m);
    const struct roomlog_line lines[] = {
        {str_of(m.id), 1, 5, STR("{\"type\":\"opened\"}"), false},
        {str_of(m.id), 1, 6, STR("{\"type\":\"hand\"}"), false},
    };
    assert_int_equal(roomlog_append(h->store, lines, 2), -ERR_CONFLICT);
    assert_int_equal(roomlog_last(h->store, m.id), 0);
    assert_int_equal(get(h, m.id).life, LIFE_SCHEDULED);
    assert_int_equal(roomlog_append(h->store, lines, 1), 0);
    const struct roomlog_line stranger = {STR("nosuchroom"), 1, 5, STR("{\"type\":\"hand\"}"), false};
    assert_int_equal(roomlog_append(h->store, &stranger, 1), -ERR_CONFLICT);
    const struct roomlog_line later = {str_of(m.id), 3, 7, STR("{\"type\":\"hand\"}"), false};
    assert_int_equal(roomlog_append(h->store, &later, 1), -ERR_CONFLICT); /* nothing is written after a gap */
    assert_int_equal(roomlog_last(h->store, m.id), 1);
}

struct restored {
    uint64_t image, first, last;
    size_t n;
    char text[32];
};
static int restore(void *ctx, const struct roomlog_line *l) {
    struct restored *r = ctx;
    if (l->is_image) {
        assert_int_equal(r->n, 0);
        r->image = l->seq;
        STR_COPY(r->text, l->json);
        return 0;
    }
    r->first = r->first ? r->first : l->seq;
    r->last = l->seq;
    r->n++;
    return 0;
}

static struct restored state_of(struct house *h, const char *id) {
    struct restored r = {0};
    assert_int_equal(roomlog_state(h->store, id, restore, &r), 0);
    return r;
}

static void write_lines(struct house *h, const char *id, uint64_t from, uint64_t to) {
    enum { BATCH = 4096 };
    static struct roomlog_line lines[BATCH];
    while (from <= to) {
        size_t n = 0;
        for (; n < BATCH && from <= to; n++, from++)
            lines[n] = (struct roomlog_line){str_of(id), from, 5, STR("{\"type\":\"hand\"}"), false};
        assert_int_equal(roomlog_append(h->store, lines, n), 0);
    }
}

static void put_image(struct house *h, const char *id, uint64_t seq, const char *text) {
    const struct roomlog_line l = {str_of(id), seq, 5, str_of(text), true};
    assert_int_equal(roomlog_append(h->store, &l, 1), 0);
}

/* A long log is restored from its image and what follows, with enough lines to resume from. */
static void test_an_image_shortens_reading(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    house_meeting(h, &m);
    write_lines(h, m.id, 1, 4000);
    put_image(h, m.id, 4000, "first");
    struct restored r = state_of(h, m.id);
    assert_int_equal(r.image, 0); /* the tail would be too short */
    assert_int_equal(r.n, 4000);
    write_lines(h, m.id, 4001, 4000 + ROOMLOG_TAIL);
    r = state_of(h, m.id);
    assert_int_equal(r.image, 4000);
    assert_string_equal(r.text, "first");
    assert_int_equal(r.first, 4001);
    assert_int_equal(r.last, 4000 + ROOMLOG_TAIL);
    write_lines(h, m.id, 4001 + ROOMLOG_TAIL, 8000);
    put_image(h, m.id, 8000, "second");
    assert_int_equal(state_of(h, m.id).image, 4000);
    write_lines(h, m.id, 8001, 12000);
    put_image(h, m.id, 12000, "third");
    assert_int_equal(state_of(h, m.id).image, 8000);
    int n = 0;
    assert_int_equal(roomlog_read(h->store, m.id, 11990, count, &n), 0);
    assert_int_equal(n, 10); /* attendance and timeline have every line */
}

static void test_only_a_standing_room_forgets(void **state) {
    enum { LAST = ROOMLOG_STANDING_LINES + 2000 };
    struct house *h = *state;
    struct meeting lesson = {.join = JOIN_LINK}, standing = {.join = JOIN_LINK, .standing = true},
                   taped = {.join = JOIN_LINK, .standing = true};
    struct meeting *all[] = {&lesson, &standing, &taped};
    for (int i = 0; i < 3; i++) {
        house_meeting(h, all[i]);
        write_lines(h, all[i]->id, 1, LAST);
    }
    assert_int_equal(lesson_started(h->store, taped.id, HOUSE_NOW_MS), 0);
    for (int i = 0; i < 3; i++) {
        put_image(h, all[i]->id, LAST, "x");
        struct restored r = {0};
        assert_int_equal(roomlog_read(h->store, all[i]->id, 0, restore, &r), 0);
        assert_int_equal(r.first, all[i] == &standing ? 2001 : 1);
        assert_int_equal(r.last, LAST);
    }
}

static void test_reading_since(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    house_meeting(h, &m);
    for (int i = 0; i < 5; i++)
        house_log(h, m.id, "\"type\":\"hand\"");
    int n = 0;
    assert_int_equal(roomlog_read(h->store, m.id, 3, count, &n), 0);
    assert_int_equal(n, 2);
    n = 0;
    assert_int_equal(roomlog_read(h->store, m.id, 0, count, &n), 77);
    assert_int_equal(n, 3);
}

struct tally {
    uint64_t first_chat;
    int chats, others;
};
static int tally(void *ctx, const struct roomlog_line *l) {
    struct tally *t = ctx;
    bool chat = memmem(l->json.p, l->json.n, "chat", 4) != NULL;
    if (chat && !t->chats)
        t->first_chat = l->seq;
    t->chats += chat;
    t->others += !chat;
    return 0;
}

static void test_what_a_room_is_restored_from(void **state) {
    enum { CHATS = ROOMLOG_CHATS_MAX + 30 };
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    static struct roomlog_line lines[2 * CHATS];
    struct tally t = {0};
    house_meeting(h, &m);
    for (uint64_t i = 0; i < 2 * CHATS; i++)
        lines[i] = (struct roomlog_line){
            str_of(m.id), i + 1, 5,
            i % 2 ? STR("{\"type\":\"chat\",\"seq\":1}") : STR("{\"type\":\"hand\",\"seq\":1}"), false};
    assert_int_equal(roomlog_append(h->store, lines, 2 * 10), 0);
    assert_int_equal(roomlog_state(h->store, m.id, tally, &t), 0);
    assert_int_equal(t.chats, 10);
    assert_int_equal(t.others, 10);
    assert_int_equal(roomlog_append(h->store, lines + 20, 2 * CHATS - 20), 0);
    t = (struct tally){0};
    assert_int_equal(roomlog_state(h->store, m.id, tally, &t), 0);
    assert_int_equal(t.chats, ROOMLOG_CHATS_MAX);
    assert_int_equal(t.first_chat, 2 * 30 + 2);
    assert_int_equal(t.others, CHATS); /* everything that is no chat */
    assert_int_equal(roomlog_state(h->store, "nosuchroom", tally, &t), 0);
}

static void test_publishing(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    struct job jobs[JOB_LIST_MAX];
    house_meeting(h, &m);
    house_log(h, m.id, "\"type\":\"opened\"");
    house_log(
        h, m.id,
        "\"type\":\"joined\",\"who\":\"u4\",\"name\":\"Марічка\",\"role\":\"attendee\",\"stage\":false");
    house_log(h, m.id, "\"type\":\"chat\",\"name\":\"Марічка\",\"text\":\"добре\"");
    house_log(h, m.id, "\"type\":\"chat\",\"name\":\"Марічка\",\"text\":\"помилка\"");
    house_log(h, m.id, "\"type\":\"unchat\",\"n\":4");
    house_log(h, m.id, "\"type\":\"note\",\"update\":\"AAAA\"");
    house_log(h, m.id, "\"type\":\"note\",\"update\":\"BBBB\"");
    house_log(h, m.id, "\"type\":\"note_whole\",\"n\":6,\"update\":\"CCCC\"");
    house_log(h, m.id, "\"type\":\"note_whole\",\"n\":6,\"update\":\"DDDD\""); /* was too late */
    house_log(h, m.id, "\"type\":\"caption\",\"text\":\"Добрий <день>\",\"lang\":\"uk\"");
    house_log(h, m.id, "\"type\":\"caption\",\"text\":\"Hello\",\"lang\":\"en\"");
    house_log(h, m.id, "\"type\":\"caption\",\"text\":\"?\",\"lang\":\"../en\"");
    house_log(h, m.id, "\"type\":\"caption\",\"text\":\"хиба\",\"lang\":\"uk\"");
    house_log(h, m.id, "\"type\":\"caption\",\"text\":\"зайве\",\"lang\":\"uk\"");
    house_log(h, m.id, "\"type\":\"caption\",\"text\":\"Bonjour\",\"lang\":\"fr\"");
    house_log(h, m.id, "\"type\":\"caption_edit\",\"n\":13,\"text\":\"правда\"");
    house_log(h, m.id, "\"type\":\"caption_dropped\",\"n\":14");
    house_log(h, m.id, "\"type\":\"caption_dropped\",\"n\":15");
    assert_int_equal(lesson_started(h->store, m.id, HOUSE_NOW_MS), 0);
    assert_int_equal(get(h, m.id).rec, REC_LIVE);
    assert_int_equal(lesson_progress(h->store, m.id, 1234), 0);
    assert_int_equal(get(h, m.id).rec_duration_ms, 1234);
    assert_int_equal(lesson_publish(h->store, h->dir, m.id, STR("not json"), 1), -ERR_INVALID);
    assert_int_equal(lesson_publish(h->store, h->dir, m.id, STR("[]"), 1), -ERR_INVALID);
    char take[96];
    snprintf(take, sizeof take, "{\"take\":1,\"base_ms\":0,\"wall_ms\":%lld}\n", (long long)HOUSE_NOW_MS);
    house_file(h, m.id, "takes.jsonl", take);
    house_record(h, m.id, 60000);
    struct meeting got = get(h, m.id);
    assert_int_equal(got.rec, REC_READY);
    assert_int_equal(got.life, LIFE_ENDED);
    assert_int_equal(got.rec_duration_ms, 60000);
    assert_int_equal(job_list(h->store, m.id, jobs), 2);
    /* what a viewer may know, and nothing of who was there */
    size_t n;
    char *text = recdir_read(h->dir, m.id, RECDIR_TIMELINE, &n);
    assert_non_null(strstr(text, "opened"));
    assert_non_null(strstr(text, "добре"));
    assert_null(strstr(text, "помилка"));
    assert_null(strstr(text, "joined"));
    assert_null(strstr(text, "unchat"));
    assert_non_null(strstr(text, "правда"));
    assert_null(strstr(text, "хиба"));
    assert_null(strstr(text, "зайве"));
    assert_null(strstr(text, "caption_"));
    /* of the notes the last whole and what came after it */
    assert_null(strstr(text, "AAAA"));
    assert_non_null(strstr(text, "BBBB"));
    assert_non_null(strstr(text, "CCCC"));
    assert_null(strstr(text, "DDDD"));
    mem_free(text);
    char langs[VTT_LANGS_MAX][VTT_LANG_MAX + 1];
    assert_int_equal(transcript_langs(h->dir, m.id, langs), 2);
    assert_string_equal(langs[0], "en");
    assert_string_equal(langs[1], "uk");
    text = recdir_read(h->dir, m.id, "captions-uk.vtt", &n);
    assert_string_equal(text, "WEBVTT\n\n10\n00:00:10.000 --> 00:00:12.650\nДобрий &lt;день&gt;\n"
                              "\n13\n00:00:13.000 --> 00:00:15.300\nправда\n");
    mem_free(text);
    /* again: the same */
    house_record(h, m.id, 60000);
    assert_int_equal(job_list(h->store, m.id, jobs), 2);
}

/* Where names were hidden, a lesson tells those of hosts and speakers only. */
static void test_hidden_names(void **state) {
    static const char *const rows[] = {
        "{\"type\":\"joined\",\"by\":\"\",\"who\":\"u1\",\"name\":\"Пані Ольга\",\"role\":\"host\"}",
        "{\"type\":\"joined\",\"by\":\"\",\"who\":\"u2\",\"name\":\"Марічка\",\"role\":\"attendee\"}",
        "{\"type\":\"chat\",\"by\":\"u2\",\"name\":\"Марічка\",\"text\":\"до\"}",
        "{\"type\":\"names_hidden\",\"by\":\"u1\",\"on\":true}",
        "{\"type\":\"chat\",\"by\":\"u2\",\"name\":\"Марічка\",\"text\":\"таємне\"}",
        "{\"type\":\"staged\",\"by\":\"u1\",\"who\":\"u2\",\"name\":\"Марічка\"}",
        "{\"type\":\"chat\",\"by\":\"u1\",\"name\":\"Пані Ольга\",\"text\":\"добре\"}",
        "{\"type\":\"scores\",\"by\":\"u1\",\"names\":[\"Марічка\"],\"counts\":[1]}",
    };
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    house_meeting(h, &m);
    for (size_t i = 0; i < countof(rows); i++) {
        struct roomlog_line l = {str_of(m.id), i + 1, HOUSE_NOW_MS, str_of(rows[i]), false};
        assert_int_equal(roomlog_append(h->store, &l, 1), 0);
    }
    house_record(h, m.id, 60000);
    size_t n;
    char *text = recdir_read(h->dir, m.id, RECDIR_TIMELINE, &n), *hidden = strstr(text, "таємне");
    assert_non_null(hidden);
    assert_non_null(strstr(text, "Марічка")); /* before */
    assert_null(strstr(hidden, "Марічка"));
    char number[ROOM_NAME_MAX + 1];
    names_number("u2", number); /* as in the room: one knows who goes on speaking */
    assert_non_null(strstr(hidden, number));
    assert_non_null(strstr(strstr(hidden, "staged"), number));
    assert_non_null(strstr(hidden, "Пані Ольга"));
    mem_free(text);
}

/* However much people wrote, there is a lesson: the last messages are left out of its timeline, and nothing
 * that the player needs. Of what is retracted nothing is left. */
static void test_publishing_a_flood(void **state) {
    enum { LINE_BYTES = 8000, LINES = RECDIR_TIMELINE_MAX / LINE_BYTES + 200, BATCH = 100 };
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    static char text[BATCH][LINE_BYTES + 128];
    static struct roomlog_line lines[BATCH];
    house_meeting(h, &m);
    house_log(h, m.id, "\"type\":\"opened\"");
    for (uint64_t i = 0; i < LINES; i += BATCH) {
        for (uint64_t k = 0; k < BATCH; k++) {
            uint64_t seq = i + k + 2;
            int n = snprintf(text[k], sizeof text[k], "{\"type\":\"chat\",\"seq\":%llu,\"text\":\"%0*d\"}",
                             (unsigned long long)seq, LINE_BYTES - 40, 0);
            lines[k] = (struct roomlog_line){str_of(m.id), seq, 5, {text[k], (size_t)n}, false};
        }
        assert_int_equal(roomlog_append(h->store, lines, BATCH), 0);
    }
    for (int n = 9; n > 1; n--) {
        snprintf(text[0], sizeof text[0], "\"type\":\"unchat\",\"n\":%d", n);
        house_log(h, m.id, text[0]);
    }
    house_log(h, m.id, "\"type\":\"ended\"");
    house_record(h, m.id, 60000);
    assert_int_equal(get(h, m.id).rec, REC_READY);
    char path[DATADIR_PATH_MAX + 160];
    assert_int_equal(datadir_rec(h->data.path, m.id, path), 0);
    strcat(path, "/" RECDIR_TIMELINE);
    FILE *f = fopen(path, "re");
    char *line = NULL, last[64] = "", second[64] = "";
    size_t cap = 0, bytes = 0, count_of = 0;
    for (ssize_t n; (n = getline(&line, &cap, f)) > 0; bytes += (size_t)n, count_of++)
        snprintf(count_of == 1 ? second : last, sizeof last, "%.60s", line);
    free(line);
    fclose(f);
    assert_true(bytes <= RECDIR_TIMELINE_MAX && bytes > RECDIR_TIMELINE_MAX / 2);
    assert_non_null(strstr(second, "\"seq\":10,")); /* 2 to 9 are taken back */
    assert_non_null(strstr(last, "\"ended\""));
}

/* The database was not to be reached when the recorder started. */
static void test_publishing_what_nobody_noted(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    house_meeting(h, &m);
    struct str manifest = STR("{\"duration_ms\":5000,\"bytes\":7,\"started_at_ms\":42}");
    assert_int_equal(lesson_publish(h->store, h->dir, m.id, manifest, HOUSE_NOW_MS), 0);
    struct meeting got = get(h, m.id);
    assert_int_equal(got.rec, REC_READY);
    assert_int_equal(got.rec_duration_ms, 5000);
    assert_int_equal(got.rec_started_at, 42);
    assert_int_equal(lesson_publish(h->store, h->dir, "nosuchroom", manifest, 1), -ERR_MISSING);
}

static void test_empty_recording_is_no_lesson(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    struct job jobs[JOB_LIST_MAX];
    house_meeting(h, &m);
    house_record(h, m.id, 0);
    assert_int_equal(get(h, m.id).rec, REC_FAILED);
    assert_int_equal(job_list(h->store, m.id, jobs), 0);
}

static void test_torn_recordings_are_finished(void **state) {
    struct house *h = *state;
    struct meeting live = {.join = JOIN_LINK}, over = {.join = JOIN_LINK};
    struct job jobs[JOB_LIST_MAX];
    house_meeting(h, &live);
    house_meeting(h, &over);
    assert_int_equal(lesson_started(h->store, live.id, 1), 0);
    assert_int_equal(lesson_started(h->store, over.id, 1), 0);
    house_log(h, live.id, "\"type\":\"opened\"");
    house_log(h, over.id, "\"type\":\"opened\"");
    house_log(h, over.id, "\"type\":\"ended\"");
    assert_int_equal(lesson_recover(h->store, 5), 0);
    assert_int_equal(lesson_recover(h->store, 6), 0);
    assert_int_equal(job_list(h->store, live.id, jobs), 0);
    assert_int_equal(job_list(h->store, over.id, jobs), 1);
    assert_int_equal(jobs[0].kind, JOB_FINISH);
    /* given up, then started anew with what was in the way gone; an empty one is not tried for ever */
    bool final = false;
    jobs[0].attempts = JOB_TRIES_MAX;
    assert_int_equal(job_failed(h->store, &jobs[0], STR("disk full"), 7, &final), 0);
    assert_int_equal(lesson_failed(h->store, over.id), 0);
    assert_int_equal(lesson_recover(h->store, 8), 0);
    assert_int_equal(job_list(h->store, over.id, jobs), 1);
    assert_int_equal(jobs[0].state, JOB_WAITING);
    assert_int_equal(lesson_publish(h->store, h->dir, over.id, STR("{\"duration_ms\":0}"), 9), 0);
    assert_int_equal(get(h, over.id).rec, REC_FAILED);
    assert_int_equal(job_done(h->store, jobs[0].id), 0);
    assert_int_equal(lesson_recover(h->store, 10), 0);
    assert_int_equal(job_list(h->store, over.id, jobs), 1);
    assert_int_equal(jobs[0].state, JOB_DONE);
}

static void test_takes(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    house_meeting(h, &m);
    struct json *takes = recdir_takes(h->dir, m.id);
    assert_int_equal(json_len(takes), 0);
    json_free(takes);
    house_file(h, m.id, "takes.jsonl",
               "{\"take\":1,\"base_ms\":0,\"wall_ms\":1000}\n{\"take\":1,\"end_ms\":5000}\n"
               "{\"take\":2,\"base_ms\":5000,\"wall_ms\":9000,\"gap\":true}\n{\"take\":2,\"end");
    takes = recdir_takes(h->dir, m.id);
    assert_int_equal(json_len(takes), 2);
    int64_t end = 0;
    bool gap = false;
    assert_true(json_get_int(json_at(takes, 0), "end_ms", &end));
    assert_int_equal(end, 5000);
    assert_false(json_get_int(json_at(takes, 1), "end_ms", &end));
    assert_true(json_get_bool(json_at(takes, 1), "gap", &gap) && gap);
    json_free(takes);
}

static void test_jobs(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LINK};
    struct job j, list[JOB_LIST_MAX];
    bool final;
    while (job_lease(h->store, INT64_MAX, &j) > 0) /* what other tests left */
        assert_int_equal(job_done(h->store, j.id), 0);
    assert_int_equal(job_next_ms(h->store), INT64_MAX);
    house_meeting(h, &m);
    assert_int_equal(job_put(h->store, m.id, JOB_MP4, 100), 0);
    assert_int_equal(job_put(h->store, m.id, JOB_MP4, 100), -ERR_CONFLICT);
    assert_int_equal(job_put(h->store, m.id, JOB_POSTER, 100), 0);
    assert_int_equal(job_put(h->store, m.id, JOB_FINISH, 200), 0);
    assert_int_equal(job_next_ms(h->store), 100);
    assert_int_equal(job_lease(h->store, 99, &j), 0);
    /* what somebody waits for comes first */
    assert_int_equal(job_lease(h->store, 200, &j), 1);
    assert_int_equal(j.kind, JOB_FINISH);
    assert_int_equal(job_done(h->store, j.id), 0);
    assert_int_equal(job_lease(h->store, 200, &j), 1);
    assert_int_equal(j.kind, JOB_POSTER);
    assert_int_equal(job_lease(h->store, 200, &j), 1);
    assert_int_equal(j.kind, JOB_MP4);
    assert_int_equal(job_lease(h->store, 200, &j), 0); /* leased once only */
    assert_int_equal(job_progress(h->store, j.id, 250), 0);
    /* a crash gives them back */
    assert_int_equal(job_return(h->store, 300), 0);
    assert_int_equal(job_lease(h->store, 300, &j), 1);
    assert_int_equal(j.kind, JOB_POSTER);
    assert_int_equal(j.attempts, 2);
    assert_int_equal(job_done(h->store, j.id), 0);
    /* tries with growing pauses, then given up, then asked for again */
    int64_t now = 300;
    for (int tries = 2; tries <= JOB_TRIES_MAX; tries++) {
        assert_int_equal(job_lease(h->store, now, &j), 1);
        assert_int_equal(j.attempts, tries);
        assert_int_equal(job_failed(h->store, &j, STR("Немає місця"), now, &final), 0);
        assert_int_equal(final, tries == JOB_TRIES_MAX);
        assert_int_equal(job_lease(h->store, now + job_retry_ms(j.attempts) - 1, &j), 0);
        now += job_retry_ms(tries);
    }
    int n = job_list(h->store, m.id, list);
    assert_int_equal(n, 3);
    assert_int_equal(list[0].kind, JOB_MP4);
    assert_int_equal(list[0].state, JOB_FAILED);
    assert_string_equal(list[0].text, "Немає місця");
    assert_int_equal(job_put(h->store, m.id, JOB_MP4, now), 0);
    assert_int_equal(job_lease(h->store, now, &j), 1);
    assert_int_equal(j.attempts, 1);
    /* long words are cut between characters */
    char why[2 * JOB_TEXT_MAX];
    memset(why, 'x', sizeof why);
    memcpy(why + JOB_TEXT_MAX - 1, "ї", 2);
    assert_int_equal(job_failed(h->store, &j, (struct str){why, sizeof why}, now, &final), 0);
    assert_int_equal(job_list(h->store, m.id, list), 3);
    assert_int_equal(strlen(list[0].text), JOB_TEXT_MAX - 1);
}

static void test_positions_people_and_deleting(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LIST};
    house_meeting(h, &m);
    int64_t learner = h->people[HOUSE_LEARNER].id;
    assert_int_equal(lesson_position(h->store, m.id, learner), 0);
    assert_int_equal(lesson_put_position(h->store, m.id, learner, 5000, 1), 0);
    assert_int_equal(lesson_put_position(h->store, m.id, learner, 7000, 2), 0);
    assert_int_equal(lesson_position(h->store, m.id, learner), 7000);
    assert_int_equal(facts(h, m.id, HOUSE_LEARNER, "").named, ACCESS_NOBODY);
    assert_int_equal(people_put(h->store, m.id, learner, ROLE_ATTENDEE), 0);
    assert_int_equal(people_put(h->store, m.id, learner, ROLE_SPEAKER), 0);
    assert_int_equal(facts(h, m.id, HOUSE_LEARNER, "").named, ROLE_SPEAKER);
    struct person p[4];
    assert_int_equal(people_list(h->store, m.id, p, 4), 1);
    assert_string_equal(p[0].user.name, "Марічка");
    house_record(h, m.id, 1000);
    assert_int_equal(meeting_delete(h->store, m.id), 0);
    assert_int_equal(recdir_remove(h->dir, m.id), 0);
    assert_int_equal(recdir_size(h->dir, m.id, "program.m3u8"), -1);
    assert_int_equal(meeting_delete(h->store, m.id), -ERR_MISSING);
    assert_int_equal(lesson_position(h->store, m.id, learner), 0);
    assert_int_equal(people_drop(h->store, m.id, learner), -ERR_MISSING);
    assert_int_equal(recdir_remove(h->dir, m.id), 0);
    /* an MP4 that was being made when the server died leaves a directory of its own */
    char path[DATADIR_PATH_MAX + 160];
    house_file(h, m.id, "a.m4s", "x");
    assert_int_equal(datadir_rec(h->data.path, m.id, path), 0);
    strcat(path, "/lesson.mp4.work");
    assert_int_equal(mkdir(path, 0700), 0);
    house_file(h, m.id, "lesson.mp4.work/program.m3u8", "x");
    assert_int_equal(recdir_remove(h->dir, m.id), 0);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_codes(void **state) {
    struct house *h = *state;
    struct meeting m = {.join = JOIN_LIST};
    house_meeting(h, &m);
    for (int i = 0; i < ROLE_HOST; i++)
        assert_int_equal(meeting_code_role(&m, str_of(m.codes[i])), i);
    assert_int_equal(meeting_code_role(&m, STR("")), ACCESS_NOBODY);
    assert_int_equal(meeting_code_role(&m, STR("abcabcabcabc")), ACCESS_NOBODY);
    struct meeting old = m;
    meeting_new_codes(&m);
    assert_int_equal(meeting_code_role(&m, str_of(old.codes[0])), ACCESS_NOBODY);
}

static int setup(void **state) {
    static struct house h;
    house_open(&h);
    *state = &h;
    return 0;
}

static int teardown(void **state) {
    house_close(*state);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_is_projected),
        cmocka_unit_test(test_append_is_all_or_nothing),
        cmocka_unit_test(test_reading_since),
        cmocka_unit_test(test_what_a_room_is_restored_from),
        cmocka_unit_test(test_an_image_shortens_reading),
        cmocka_unit_test(test_only_a_standing_room_forgets),
        cmocka_unit_test(test_publishing),
        cmocka_unit_test(test_hidden_names),
        cmocka_unit_test(test_publishing_a_flood),
        cmocka_unit_test(test_publishing_what_nobody_noted),
        cmocka_unit_test(test_empty_recording_is_no_lesson),
        cmocka_unit_test(test_torn_recordings_are_finished),
        cmocka_unit_test(test_takes),
        cmocka_unit_test(test_jobs),
        cmocka_unit_test(test_positions_people_and_deleting),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

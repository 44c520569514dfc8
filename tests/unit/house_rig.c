#include "tests/unit/house_rig.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/catalogue/lesson.h"
#include "server/catalogue/recdir.h"
#include "server/catalogue/roomlog.h"

static void must(int err) {
    if (err) {
        fprintf(stderr, "house_rig: error %d\n", err);
        abort();
    }
}

void house_open(struct house *h) {
    static const struct {
        const char *name, *email;
        enum user_role role;
    } rows[HOUSE_PEOPLE] = {{"Адмін", "admin@example.org", USER_ADMIN},
                            {"Штаб", "staff@example.org", USER_STAFF},
                            {"Оксана Коваль", "teacher@example.org", USER_TEACHER},
                            {"Марічка", "learner@example.org", USER_LEARNER},
                            {"Інший", "other@example.org", USER_TEACHER}};
    char sentence[DATADIR_SENTENCE_MAX];
    snprintf(h->dir, sizeof h->dir, "/tmp/somhub-house-XXXXXX");
    if (!mkdtemp(h->dir))
        abort();
    must(datadir_open(&h->data, h->dir, false, sentence));
    must(store_open(&h->store, h->data.db, false));
    arena_init(&h->arena, 16 << 20);
    for (int i = 0; i < HOUSE_PEOPLE; i++) {
        struct user *u = &h->people[i];
        *u = (struct user){.role = rows[i].role, .created_at = HOUSE_NOW_MS};
        (void)STR_COPY(u->name, str_of(rows[i].name));
        (void)STR_COPY(u->email, str_of(rows[i].email));
        must(user_add(h->store, u, STR(HOUSE_PASSWORD)));
    }
}

void house_close(struct house *h) {
    char cmd[128];
    arena_fini(&h->arena);
    store_close(h->store);
    datadir_close(&h->data);
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", h->dir);
    must(system(cmd));
}

void house_meeting(struct house *h, struct meeting *like) {
    if (!like->title)
        like->title = "Урок";
    if (!like->description)
        like->description = "";
    if (!like->format[0])
        (void)STR_COPY(like->format, STR("lesson"));
    if (!like->host)
        like->host = h->people[HOUSE_TEACHER].id;
    if (!like->duration_min)
        like->duration_min = 60;
    like->created_at = HOUSE_NOW_MS;
    must(meeting_add(h->store, like));
}

void house_log(struct house *h, const char *id, const char *fields) {
    char json[512];
    int64_t seq = roomlog_last(h->store, id) + 1;
    snprintf(json, sizeof json, "{%s,\"seq\":%lld,\"at\":%lld,\"by\":\"\"}", fields, (long long)seq,
             (long long)(HOUSE_NOW_MS + seq * 1000));
    struct roomlog_line l = {str_of(id), (uint64_t)seq, HOUSE_NOW_MS + seq * 1000, str_of(json), false};
    must(roomlog_append(h->store, &l, 1));
}

void house_file(struct house *h, const char *id, const char *file, const char *text) {
    char path[DATADIR_PATH_MAX + 160];
    must(datadir_rec(h->data.path, id, path));
    mkdir(path, 0700);
    size_t n = strlen(path);
    snprintf(path + n, sizeof path - n, "/%s", file);
    FILE *f = fopen(path, "we");
    assert(f);
    fputs(text, f);
    must(fclose(f));
}

void house_record(struct house *h, const char *id, int64_t duration_ms) {
    char manifest[256];
    snprintf(manifest, sizeof manifest,
             "{\"duration_ms\":%lld,\"bytes\":1000,\"takes\":[{\"take\":1,\"base_ms\":0,\"wall_ms\":%lld}],"
             "\"renditions\":{\"screen\":{\"offset_ms\":61000,\"spans\":[[61000,75500]]}},"
             "\"languages\":[{\"lang\":\"zh-hant\"}]}",
             (long long)duration_ms, (long long)HOUSE_NOW_MS);
    house_file(h, id, "program.m3u8", "#EXTM3U\n");
    must(lesson_started(h->store, id, HOUSE_NOW_MS));
    must(lesson_publish(h->store, h->dir, id, str_of(manifest), HOUSE_NOW_MS + duration_ms));
}

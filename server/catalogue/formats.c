#include "server/catalogue/formats.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/base/err.h"
#include "media/base/json.h"
#include "media/base/mem.h"

struct reading {
    struct format *out;
    const struct json *doc;
    const char *file;
    char *sentence;
};

static int wrong(const struct reading *r, const char *key, const char *what) {
    snprintf(r->sentence, FORMATS_SENTENCE_MAX, "%s: \"%s\" %s.", r->file, key, what);
    return -ERR_INVALID;
}

static int read_id(const struct reading *r, const struct json *v) {
    struct str id;
    if (!json_str(v, &id) || !id.n || !STR_COPY(r->out->id, id))
        return wrong(r, "id", "must be a short text");
    char name[FORMAT_ID_MAX + sizeof ".json"];
    snprintf(name, sizeof name, "%s.json", r->out->id);
    if (strcmp(name, r->file) != 0)
        return wrong(r, "id", "must be the file's name without .json");
    for (const char *c = r->out->id; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && *c != '-')
            return wrong(r, "id", "may have a-z, 0-9 and - only");
    return 0;
}

static int read_name(const struct reading *r, const struct json *v) {
    void *it = NULL;
    struct str key, text;
    struct json *value;
    while (json_each(v, &it, &key, &value)) {
        bool is_uk = str_is(key, "uk");
        if (!is_uk && !str_is(key, "en"))
            return wrong(r, "name", "has a language that is neither uk nor en");
        char *dst = is_uk ? r->out->name_uk : r->out->name_en;
        if (!json_str(value, &text) || !text.n || !str_copy(dst, FORMAT_NAME_MAX + 1, text))
            return wrong(r, "name", "must have texts of at most 80 bytes");
    }
    if (!r->out->name_uk[0] || !r->out->name_en[0])
        return wrong(r, "name", "must have uk and en");
    return 0;
}

static int read_lobby(const struct reading *r, const struct json *v) {
    (void)v;
    return json_get_bool(r->doc, "lobby", &r->out->lobby) ? 0 : wrong(r, "lobby", "must be true or false");
}

static int read_record(const struct reading *r, const struct json *v) {
    struct str name;
    int p = json_str(v, &name) ? record_policy_of(name) : -ERR_INVALID;
    if (p < 0)
        return wrong(r, "record", "must be never, manual or auto");
    r->out->record = (enum record_policy)p;
    return 0;
}

static int read_number(const struct reading *r, const char *key, const struct json *v, int64_t max,
                       unsigned *out) {
    int64_t n;
    if (!json_int(v, &n) || n < 1 || n > max) {
        char what[64];
        snprintf(what, sizeof what, "must be a number from 1 to %d", (int)max);
        return wrong(r, key, what);
    }
    *out = (unsigned)n;
    return 0;
}

static int read_stage_max(const struct reading *r, const struct json *v) {
    return read_number(r, "stage_max", v, FORMAT_STAGE_MAX, &r->out->stage_max);
}

static int read_video_slots(const struct reading *r, const struct json *v) {
    return read_number(r, "video_slots", v, FORMAT_VIDEO_SLOTS_MAX, &r->out->video_slots);
}

/* The order says which is preferred; both are always spoken. */
static int read_codecs(const struct reading *r, const struct json *v) {
    struct str name;
    for (size_t i = 0; i < json_len(v); i++) {
        if (!json_str(json_at(v, i), &name) || (!str_is(name, "h264") && !str_is(name, "vp8")))
            return wrong(r, "codecs", "may have h264 and vp8 only");
        if (i == 0)
            r->out->prefer_vp8 = str_is(name, "vp8");
    }
    return json_len(v) ? 0 : wrong(r, "codecs", "must be a list of h264 and vp8");
}

static int wrong_permission(const struct reading *r, enum role role, const struct json *v) {
    struct str name = STR("?");
    char what[128];
    json_str(v, &name);
    snprintf(what, sizeof what, "of %s has an unknown permission \"%.*s\"", role_name(role),
             (int)(name.n < 32 ? name.n : 32), name.p);
    return wrong(r, "roles", what);
}

static int read_roles(const struct reading *r, const struct json *v) {
    void *it = NULL;
    struct str key, name;
    struct json *list;
    bool has[ROLE_COUNT] = {false};
    while (json_each(v, &it, &key, &list)) {
        int role = role_of(key);
        if (role < 0 || !json_is_array(list))
            return wrong(r, "roles", "must have lists for host, cohost, speaker and attendee");
        has[role] = true;
        for (size_t i = 0; i < json_len(list); i++) {
            int bit = json_str(json_at(list, i), &name) ? can_of(name) : -ERR_INVALID;
            if (bit < 0)
                return wrong_permission(r, (enum role)role, json_at(list, i));
            r->out->can[role] |= 1U << bit;
        }
    }
    for (int role = 0; role < ROLE_COUNT; role++)
        if (!has[role])
            return wrong(r, "roles", "must have lists for host, cohost, speaker and attendee");
    if (!(r->out->can[ROLE_HOST] & CAN_RUN))
        return wrong(r, "roles", "must let the host run the event");
    return 0;
}

static const struct {
    const char *key;
    int (*read)(const struct reading *, const struct json *);
} keys[] = {
    {"id", read_id},         {"name", read_name},           {"lobby", read_lobby},
    {"record", read_record}, {"stage_max", read_stage_max}, {"video_slots", read_video_slots},
    {"codecs", read_codecs}, {"roles", read_roles},
};

int formats_parse(struct format *out, struct str text, const char *file,
                  char sentence[FORMATS_SENTENCE_MAX]) {
    *out = (struct format){0};
    struct json *doc = NULL;
    if (json_parse(&doc, text) || !json_is_object(doc)) {
        json_free(doc);
        snprintf(sentence, FORMATS_SENTENCE_MAX, "%s: not a JSON object.", file);
        return -ERR_INVALID;
    }
    struct reading r = {out, doc, file, sentence};
    int err = 0;
    void *it = NULL;
    struct str key;
    struct json *value;
    while (!err && json_each(doc, &it, &key, &value)) {
        size_t i = 0;
        while (i < countof(keys) && !str_is(key, keys[i].key))
            i++;
        if (i == countof(keys)) {
            snprintf(sentence, FORMATS_SENTENCE_MAX, "%s: unknown key \"%.*s\".", file,
                     (int)(key.n < 64 ? key.n : 64), key.p);
            err = -ERR_INVALID;
        }
    }
    for (size_t i = 0; !err && i < countof(keys); i++) {
        struct json *v = json_get(doc, keys[i].key);
        err = v ? keys[i].read(&r, v) : wrong(&r, keys[i].key, "is missing");
    }
    json_free(doc);
    return err;
}

static int read_file(int dir, const char *file, char *text, size_t *n, char *sentence) {
    int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
    ssize_t got = 0;
    *n = 0;
    while (fd >= 0 && *n < FORMATS_FILE_MAX && (got = read(fd, text + *n, FORMATS_FILE_MAX - *n)) > 0)
        *n += (size_t)got;
    int saved = errno;
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && got >= 0 && *n < FORMATS_FILE_MAX)
        return 0;
    snprintf(sentence, FORMATS_SENTENCE_MAX, "%s: %s.", file,
             fd < 0 || got < 0 ? strerror(saved) : "larger than 64 KiB");
    return -ERR_IO;
}

static int by_id(const void *a, const void *b) {
    return strcmp(((const struct format *)a)->id, ((const struct format *)b)->id);
}

static bool is_format_file(const char *name) {
    size_t n = strlen(name);
    return name[0] != '.' && n > 5 && !strcmp(name + n - 5, ".json");
}

int formats_load(struct formats *out, const char *dir, char sentence[FORMATS_SENTENCE_MAX]) {
    out->n = 0;
    DIR *d = opendir(dir);
    if (!d) {
        snprintf(sentence, FORMATS_SENTENCE_MAX, "The folder of formats %s cannot be read: %s.", dir,
                 strerror(errno));
        return -ERR_MISSING;
    }
    char *text = mem_zalloc(FORMATS_FILE_MAX);
    int err = 0;
    for (struct dirent *e = readdir(d); e && !err; e = readdir(d)) {
        if (!is_format_file(e->d_name))
            continue;
        size_t n;
        if (out->n == FORMATS_MAX) {
            snprintf(sentence, FORMATS_SENTENCE_MAX, "The folder %s has more than %d formats.", dir,
                     FORMATS_MAX);
            err = -ERR_FULL;
        } else if (!(err = read_file(dirfd(d), e->d_name, text, &n, sentence))) {
            err = formats_parse(&out->v[out->n], (struct str){text, n}, e->d_name, sentence);
            out->n += !err;
        }
    }
    closedir(d);
    mem_free(text);
    if (!err && !out->n) {
        snprintf(sentence, FORMATS_SENTENCE_MAX, "The folder %s has no formats (*.json).", dir);
        err = -ERR_MISSING;
    }
    qsort(out->v, out->n, sizeof *out->v, by_id);
    return err;
}

const struct format *formats_find(const struct formats *f, struct str id) {
    for (size_t i = 0; i < f->n; i++)
        if (str_is(id, f->v[i].id))
            return &f->v[i];
    return NULL;
}

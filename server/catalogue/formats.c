#include "server/catalogue/formats.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/catalogue/formatdoc.h"

int formats_parse(struct format *out, struct str text, const char *file,
                  char sentence[FORMATS_SENTENCE_MAX]) {
    struct formatdoc_wrongs w;
    struct json *doc = NULL;
    char name[FORMAT_ID_MAX + sizeof ".json"];
    *out = (struct format){0};
    if (json_parse(&doc, text) || !json_is_object(doc)) {
        json_free(doc);
        snprintf(sentence, FORMATS_SENTENCE_MAX, "%s: not a JSON object.", file);
        return -ERR_INVALID;
    }
    int err = formatdoc_read(out, doc, &w);
    json_free(doc);
    if (err) {
        snprintf(sentence, FORMATS_SENTENCE_MAX, "%s: %s.", file, w.v[0].text);
        return err;
    }
    snprintf(name, sizeof name, "%s.json", out->id);
    if (strcmp(name, file) == 0)
        return 0;
    snprintf(sentence, FORMATS_SENTENCE_MAX,
             "%s: \"id\" is \"%s\": it must be the file's name without .json.", file, out->id);
    return -ERR_INVALID;
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

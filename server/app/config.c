#include "server/app/config.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "media/base/err.h"
#include "media/base/str.h"

enum row_type { ROW_TEXT, ROW_NUM, ROW_BOOL };

struct row {
    const char *key;
    enum row_type type;
    size_t offset;
    const char *def;
    int64_t min, max;
    const char *doc;
};

static const struct row rows[] = {
#define X(f, key, type, def, min, max, doc) {key, ROW_##type, offsetof(struct config, f), def, min, max, doc},
#include "server/app/config.def"
#undef X
};

static int set_row(struct config *c, const struct row *r, const char *value, char err[256]) {
    void *at = (char *)c + r->offset;
    if (r->type == ROW_TEXT) {
        size_t n = strlen(value);
        if (n < (size_t)r->min || n > (size_t)r->max) {
            snprintf(err, 256, "%s: the value must have %lld to %lld characters", r->key, (long long)r->min,
                     (long long)r->max);
            return -ERR_INVALID;
        }
        memcpy(at, value, n + 1);
        return 0;
    }
    if (r->type == ROW_NUM) {
        uint64_t v;
        if (str_u64(str_of(value), (uint64_t)r->max, &v) || (int64_t)v < r->min) {
            snprintf(err, 256, "%s: \"%.40s\" is not a whole number from %lld to %lld", r->key, value,
                     (long long)r->min, (long long)r->max);
            return -ERR_INVALID;
        }
        *(int64_t *)at = (int64_t)v;
        return 0;
    }
    bool yes = !strcmp(value, "yes") || !strcmp(value, "true") || !strcmp(value, "1");
    bool no = !strcmp(value, "no") || !strcmp(value, "false") || !strcmp(value, "0");
    if (!yes && !no) {
        snprintf(err, 256, "%s: \"%.40s\" is neither yes nor no", r->key, value);
        return -ERR_INVALID;
    }
    *(bool *)at = yes;
    return 0;
}

static const struct row *find(const char *key) {
    for (size_t i = 0; i < countof(rows); i++)
        if (!strcmp(rows[i].key, key))
            return &rows[i];
    return NULL;
}

void config_defaults(struct config *c) {
    char err[256];
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < countof(rows); i++)
        set_row(c, &rows[i], rows[i].def, err);
}

int config_set(struct config *c, const char *key, const char *value, char err[256]) {
    const struct row *r = find(key);
    if (!r) {
        snprintf(err, 256, "there is no setting \"%.60s\"; `somhub config` lists them all", key);
        return -ERR_MISSING;
    }
    return set_row(c, r, value, err);
}

int config_read_file(struct config *c, const char *path, char err[256]) {
    FILE *f = fopen(path, "re");
    if (!f) {
        snprintf(err, 256, "cannot read the configuration %.120s: %s", path, strerror(errno));
        return -ERR_IO;
    }
    char line[CONFIG_LINE_MAX + 2], why[256];
    int rc = 0, number = 0;
    while (!rc && fgets(line, sizeof line, f)) {
        number++;
        if (strlen(line) > CONFIG_LINE_MAX && line[CONFIG_LINE_MAX] != '\n') {
            snprintf(err, 256, "%.120s line %d is longer than %d bytes", path, number, CONFIG_LINE_MAX);
            rc = -ERR_TOO_LARGE;
            break;
        }
        struct str s = str_trim(str_of(line)), key;
        if (!s.n || s.p[0] == '#' || s.p[0] == ';')
            continue;
        bool has_value = memchr(s.p, '=', s.n) != NULL;
        str_until(&s, '=', &key);
        char k[64], v[CONFIG_TEXT_MAX + 1];
        if (!has_value || !STR_COPY(k, str_trim(key))) {
            snprintf(err, 256, "%.120s line %d: expected `key = value`", path, number);
            rc = -ERR_INVALID;
        } else if (!STR_COPY(v, str_trim(s))) {
            snprintf(err, 256, "%.120s line %d: the value of %s is too long", path, number, k);
            rc = -ERR_INVALID;
        } else if ((rc = config_set(c, k, v, why)) != 0) {
            snprintf(err, 256, "%.80s line %d: %.150s", path, number, why);
        }
    }
    if (!rc && ferror(f)) {
        snprintf(err, 256, "cannot read the configuration %.120s: %s", path, strerror(errno));
        rc = -ERR_IO;
    }
    fclose(f);
    return rc;
}

int config_read_env(struct config *c, char err[256]) {
    for (size_t i = 0; i < countof(rows); i++) {
        char name[80] = "SOMHUB_", why[256];
        size_t n = strlen(name);
        for (const char *k = rows[i].key; *k && n + 1 < sizeof name; k++)
            name[n++] = *k == '.' ? '_' : (char)toupper((unsigned char)*k);
        name[n] = 0;
        const char *value = getenv(name);
        if (value && set_row(c, &rows[i], value, why)) {
            snprintf(err, 256, "environment %s: %.160s", name, why);
            return -ERR_INVALID;
        }
    }
    return 0;
}

static void print_value(FILE *out, const struct config *c, const struct row *r) {
    const void *at = (const char *)c + r->offset;
    if (r->type == ROW_TEXT)
        fprintf(out, "%s = %s\n", r->key, (const char *)at);
    else if (r->type == ROW_NUM)
        fprintf(out, "%s = %lld\n", r->key, (long long)*(const int64_t *)at);
    else
        fprintf(out, "%s = %s\n", r->key, *(const bool *)at ? "yes" : "no");
}

void config_print(FILE *out, const struct config *c) {
    if (!c)
        fprintf(out, "# SOM-hub Live: every setting with its default. Made by `somhub config`; edit a copy.\n"
                     "# The environment overrides: SOMHUB_HTTP_LISTEN for http.listen, and so on.\n");
    for (size_t i = 0; i < countof(rows); i++) {
        if (c)
            print_value(out, c, &rows[i]);
        else
            fprintf(out, "\n# %s\n# %s = %s\n", rows[i].doc, rows[i].key, rows[i].def);
    }
}

/* config — the server's settings: one table (config.def), read from defaults, a file of `key = value` lines,
 * the environment, then the command line, in that order. Every mistake is one sentence that names file, line
 * and key. Thread: written before threads start, read-only afterwards. */
#ifndef CONFIG_H
#define CONFIG_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { CONFIG_TEXT_MAX = 255, CONFIG_LINE_MAX = 1022 /* bytes of the file's lines */ };

struct config {
#define CONFIG_FIELD_TEXT(f) char f[CONFIG_TEXT_MAX + 1];
#define CONFIG_FIELD_NUM(f) int64_t f;
#define CONFIG_FIELD_BOOL(f) bool f;
#define X(f, key, type, def, min, max, doc) CONFIG_FIELD_##type(f)
#include "server/app/config.def"
#undef X
};

void config_defaults(struct config *c);
/* 0, or -ERR_x with the sentence in err. */
int config_set(struct config *c, const char *key, const char *value, char err[256]);
int config_read_file(struct config *c, const char *path, char err[256]);
int config_read_env(struct config *c, char err[256]);
/* The commented reference (config/somhub.ini), or with `c` the values in force. */
void config_print(FILE *out, const struct config *c);

#endif

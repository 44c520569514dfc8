#include "server/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "server/cli/verbs.h"

enum { USAGE = 2 };
enum {
    NEED_NOTHING,
    NEED_DATA,
    NEED_STORE,
    NEED_THERE
}; /* what is opened before the verb runs; THERE: a store
    * that nobody makes who only mistyped its name */

static const struct verb {
    const char *name, *sub; /* sub NULL: none */
    int need;
    const char *must; /* flags it cannot do without, space-separated */
    const char *usage;
    int (*run)(struct cli *c);
} verbs[] = {
    {"user", "add", NEED_STORE, "--role --name --email",
     "user add --role admin|staff|teacher|learner --name N --email E [--password-stdin]", cli_user_add},
    {"user", "list", NEED_THERE, "", "user list", cli_user_list},
    {"user", "password", NEED_THERE, "--email", "user password --email E [--password-stdin]",
     cli_user_password},
    {"room", NULL, NEED_STORE, "--name", "room --name N [--format F] [--record] [--host EMAIL]", cli_room},
    {"token", NULL, NEED_THERE, "--room --role --name",
     "token --room ID --role host|cohost|speaker|attendee --name N [--ttl SECONDS]", cli_token},
    {"check", NULL, NEED_NOTHING, "", "check", cli_check},
    {"demo", NULL, NEED_DATA, "", "demo", cli_demo},
};

static const struct flag {
    const char *name;
    size_t text, truth; /* where its value goes; 0: not there */
    const char *key;    /* or which setting it is */
} flags[] = {
    {"--role", offsetof(struct cli, role), 0, NULL},
    {"--name", offsetof(struct cli, name), 0, NULL},
    {"--email", offsetof(struct cli, email), 0, NULL},
    {"--format", offsetof(struct cli, format), 0, NULL},
    {"--room", offsetof(struct cli, room), 0, NULL},
    {"--host", offsetof(struct cli, host), 0, NULL},
    {"--ttl", offsetof(struct cli, ttl), 0, NULL},
    {"--record", 0, offsetof(struct cli, record), NULL},
    {"--password-stdin", 0, offsetof(struct cli, password_stdin), NULL},
    {"--data", 0, 0, "data.dir"},
    {"--listen", 0, 0, "http.listen"},
    {"--media-port", 0, 0, "media.port"},
    {"--config", 0, 0, ""}, /* read first, so that the other flags win */
};

int cli_fail(const char *fmt, ...) {
    va_list ap;
    fputs("somhub: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return 1;
}

/* Of all verbs, when there is none of that name. */
static int usage(const char *verb) {
    bool known = false;
    for (size_t i = 0; i < countof(verbs); i++)
        known |= verb && !strcmp(verb, verbs[i].name);
    fputs("The administrator's verbs (each with --data DIR or --config FILE):\n", stderr);
    for (size_t i = 0; i < countof(verbs); i++)
        if (!known || !strcmp(verb, verbs[i].name))
            fprintf(stderr, "  somhub %s\n", verbs[i].usage);
    return USAGE;
}

static const struct verb *find_verb(int argc, char **argv, int *rest) {
    for (size_t i = 0; i < countof(verbs); i++) {
        if (argc < 2 || strcmp(argv[1], verbs[i].name) != 0)
            continue;
        if (verbs[i].sub && (argc < 3 || strcmp(argv[2], verbs[i].sub) != 0))
            continue;
        *rest = verbs[i].sub ? 3 : 2;
        return &verbs[i];
    }
    return NULL;
}

static int apply(struct cli *c, const struct flag *f, const char *value, bool files) {
    char err[256] = "";
    bool is_file = f->key && !f->key[0];
    if (is_file && files && config_read_file(&c->cfg, value, err))
        return cli_fail("%s", err);
    if (f->key && !is_file && !files && config_set(&c->cfg, f->key, value, err))
        return cli_fail("%s", err);
    if (f->text)
        *(const char **)((char *)c + f->text) = value;
    if (f->truth)
        *(bool *)((char *)c + f->truth) = true;
    return 0;
}

static int read_flags(struct cli *c, int argc, char **argv, int at, bool files) {
    for (int i = at; i < argc; i++) {
        const struct flag *f = NULL;
        for (size_t k = 0; k < countof(flags); k++)
            if (!strcmp(flags[k].name, argv[i]))
                f = &flags[k];
        if (!f) {
            cli_fail("unknown option \"%s\".", argv[i]);
            return USAGE;
        }
        const char *value = NULL;
        if (!f->truth && !(value = argv[++i])) {
            cli_fail("%s wants a value.", f->name);
            return USAGE;
        }
        int rc = apply(c, f, value, files);
        if (rc)
            return rc;
    }
    return 0;
}

static int check_must(const struct cli *c, const struct verb *v) {
    struct str must = str_of(v->must), word;
    while (str_word(&must, &word))
        for (size_t k = 0; k < countof(flags); k++)
            if (str_is(word, flags[k].name) && !*(const char *const *)((const char *)c + flags[k].text)) {
                cli_fail("%s is missing.", flags[k].name);
                return usage(v->name);
            }
    return 0;
}

static int run(struct cli *c, const struct verb *v) {
    char sentence[DATADIR_SENTENCE_MAX];
    c->data.lock_fd = -1;
    if (v->need == NEED_NOTHING)
        return v->run(c);
    if (v->need == NEED_THERE && access(c->cfg.data_dir, F_OK) < 0 && errno == ENOENT)
        return cli_fail("There is no data directory %s.", c->cfg.data_dir);
    if (datadir_open(&c->data, c->cfg.data_dir, false, sentence) < 0)
        return cli_fail("%s", sentence);
    int rc = 1;
    if (v->need != NEED_DATA && store_judge(c->data.db, sentence, sizeof sentence))
        cli_fail("%s", sentence);
    else if (v->need != NEED_DATA && store_open(&c->store, c->data.db, false) < 0)
        cli_fail("The database %s cannot be opened; `somhub check` says more.", c->data.db);
    else
        rc = v->run(c);
    store_close(c->store);
    datadir_close(&c->data);
    return rc;
}

int cli_main(int argc, char **argv) {
    struct cli c = {.role = NULL};
    int rest = 0;
    char err[256];
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
            usage(argv[1]);
            return 0;
        }
    const struct verb *v = find_verb(argc, argv, &rest);
    if (!v) {
        if (argc > 1)
            cli_fail("there is no \"%s\" with these words.", argv[1]);
        return usage(NULL);
    }
    log_level = LOG_LV_WARN;
    config_defaults(&c.cfg);
    int rc = read_flags(&c, argc, argv, rest, true);
    if (!rc && config_read_env(&c.cfg, err))
        rc = cli_fail("%s", err);
    if (!rc)
        rc = read_flags(&c, argc, argv, rest, false);
    if (!rc)
        rc = check_must(&c, v);
    return rc ? rc : run(&c, v);
}

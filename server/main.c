/* main — the words of the command line: `serve`, `config`, and the administrator's verbs (server/cli). */
#include <stdio.h>
#include <string.h>

#include "media/base/log.h"
#include "media/base/str.h"
#include "server/app/app.h"
#include "server/cli/cli.h"

static const char usage[] =
    "somhub - live webinars and lessons, recorded into a catalogue\n"
    "\n"
    "  somhub serve  [--data DIR] [--listen ADDR:PORT] [--media-port N] [--config FILE]\n"
    "                [--self-signed] [--demo] [--set KEY=VALUE ...]\n"
    "  somhub config [--config FILE]            settings: the reference, or those in force\n"
    "  somhub user add|list, room, token, check, demo ...   (with --data DIR; --help tells more)\n";

static int fail(const char *sentence) {
    fprintf(stderr, "somhub: %s\n", sentence);
    return 2;
}

/* --name takes a value and sets the key; a key "" stands for the file, "=" for KEY=VALUE. */
static const struct {
    const char *flag, *key, *value; /* value: the flag takes none and means this */
} flags[] = {
    {"--config", "", NULL},
    {"--data", "data.dir", NULL},
    {"--listen", "http.listen", NULL},
    {"--media-port", "media.port", NULL},
    {"--self-signed", "http.self_signed", "yes"},
    {"--demo", "demo", "yes"},
    {"--set", "=", NULL},
};

static int apply(struct config *cfg, const char *key, const char *value, char err[256]) {
    if (strcmp(key, "=") != 0)
        return config_set(cfg, key, value, err);
    struct str s = str_of(value), k;
    char name[64], text[CONFIG_TEXT_MAX + 1];
    str_until(&s, '=', &k);
    if (!STR_COPY(name, k) || !STR_COPY(text, s)) {
        snprintf(err, 256, "--set wants KEY=VALUE");
        return -1;
    }
    return config_set(cfg, name, text, err);
}

/* Two passes: the file first, so that flags win wherever they stand. */
static int read_flags(int argc, char **argv, struct config *cfg, bool files, char err[256]) {
    for (int i = 2; i < argc; i++) {
        size_t f = 0;
        while (f < countof(flags) && strcmp(flags[f].flag, argv[i]) != 0)
            f++;
        if (f == countof(flags)) {
            snprintf(err, 256, "unknown option \"%.80s\"; `somhub help` lists them", argv[i]);
            return -1;
        }
        const char *value = flags[f].value;
        if (!value && !(value = argv[++i])) {
            snprintf(err, 256, "%s wants a value", flags[f].flag);
            return -1;
        }
        bool is_file = !flags[f].key[0];
        if (is_file && files && config_read_file(cfg, value, err))
            return -1;
        if (!is_file && !files && apply(cfg, flags[f].key, value, err))
            return -1;
    }
    return 0;
}

static int check_words(const struct config *cfg, char err[256]) {
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    if (strcmp(cfg->http_metrics, "local") != 0 && strcmp(cfg->http_metrics, "all") != 0) {
        snprintf(err, 256, "http.metrics: \"%.20s\" is neither local nor all", cfg->http_metrics);
        return -1;
    }
    for (size_t i = 0; i < countof(levels); i++)
        if (!strcmp(levels[i], cfg->log_level)) {
            log_level = (enum log_level)i;
            return 0;
        }
    snprintf(err, 256, "log.level: \"%.20s\" is none of error, warn, info, debug", cfg->log_level);
    return -1;
}

static int configure(int argc, char **argv, struct config *cfg, char err[256]) {
    config_defaults(cfg);
    if (read_flags(argc, argv, cfg, true, err) || config_read_env(cfg, err) ||
        read_flags(argc, argv, cfg, false, err))
        return -1;
    return check_words(cfg, err);
}

int main(int argc, char **argv) {
    const char *verb = argc > 1 ? argv[1] : "help";
    bool serve = !strcmp(verb, "serve"), config = !strcmp(verb, "config");
    if (!strcmp(verb, "help") || !strcmp(verb, "--help") || !strcmp(verb, "-h")) {
        fputs(usage, stdout);
        return argc > 1 ? 0 : 2;
    }
    if (!serve && !config)
        return cli_main(argc, argv);
    static struct config cfg;
    char err[256];
    if (configure(argc, argv, &cfg, err))
        return fail(err);
    if (serve)
        return app_serve(&cfg);
    config_print(stdout, argc > 2 ? &cfg : NULL);
    return 0;
}

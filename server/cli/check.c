/* somhub check: everything that could keep a class from happening, in words, before it does. */
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/pemcheck.h"
#include "server/app/paths.h"
#include "server/app/web.h"
#include "server/catalogue/formatbook.h"
#include "server/cli/report.h"
#include "server/cli/verbs.h"
#include "server/jobs/run.h"

enum {
    SPACE_LEAST_MB = 2048, /* an hour of a class is about 700 MB, and its MP4 as much again */
    DAYS_LEAST = 14,
    PIPE_SILENCE_MS = 30000,
    PIPE_STOP_MS = 1000
};

void report_say(struct report *r, enum cli_verdict v, const char *fmt, ...) {
    static const char *const marks[] = {"ok     ", "note   ", "wrong  "};
    va_list ap;
    fputs(marks[v], stdout);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    r->bad += v == BAD;
}

static bool is_running(const char *dir) {
    char path[DATADIR_PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/lock", dir);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool held = flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    close(fd);
    return held;
}

static void check_key(struct report *r, const char *dir) {
    char path[DATADIR_PATH_MAX + 32];
    struct stat st;
    snprintf(path, sizeof path, "%s/secret.key", dir);
    if (stat(path, &st) < 0)
        report_say(r, BAD, "The key %s cannot be read: %s.", path, strerror(errno));
    else if (st.st_mode & 077)
        report_say(r, BAD, "Others may read the key %s: run `chmod 600` on it.", path);
    else
        report_say(r, FINE, "The key is the server's own.");
}

/* What the staff made of formats; that the shipped ones read is check_programs' to say. */
static void check_formats(struct report *r, const struct config *cfg, struct store *s) {
    static struct formats formats;
    char path[DATADIR_PATH_MAX + 1], sentence[FORMATS_SENTENCE_MAX];
    paths_find(path, sizeof path, cfg->formats_dir, "../config/formats", "../share/somhub/formats");
    if (formats_load(&formats, path, sentence) == 0 && formatbook_check(s, &formats, sentence) != 0)
        report_say(r, BAD, "A format the staff made does not read: %s", sentence);
}

static void check_database(struct report *r, const struct config *cfg, const struct datadir *d) {
    struct store *s;
    char text[256] = "", sentence[DATADIR_SENTENCE_MAX];
    int version = store_version(d->db);
    if (version == -ERR_MISSING || d->fresh) {
        report_say(r, FINE, "There is no database yet: the first start makes it.");
        return;
    }
    if (store_judge(d->db, sentence, sizeof sentence)) {
        report_say(r, BAD, "%s", sentence);
        return;
    }
    if (store_open(&s, d->db, false) < 0) {
        report_say(r, BAD, "The database %s cannot be opened.", d->db);
        return;
    }
    if (store_check(s, text, sizeof text) < 0 || strcmp(text, "ok") != 0)
        report_say(r, BAD, "The database is damaged: %s.", text[0] ? text : "it cannot be read");
    else
        report_say(r, FINE, "The database is whole (schema %d).", version);
    check_formats(r, cfg, s);
    store_close(s);
}

static void check_space(struct report *r, const char *dir) {
    struct statvfs v;
    if (statvfs(dir, &v) < 0)
        return;
    unsigned long long mb = (unsigned long long)v.f_bavail * v.f_frsize >> 20;
    if (mb < SPACE_LEAST_MB)
        report_say(r, BAD, "Only %llu MB are free in %s: an hour of recording needs some 700 MB.", mb, dir);
    else
        report_say(r, FINE, "%llu GB are free: about %llu hours of recording.", mb >> 10, mb / 1400);
}

static bool check_data(struct report *r, const struct config *cfg) {
    struct datadir d;
    char sentence[DATADIR_SENTENCE_MAX];
    if (access(cfg->data_dir, F_OK) < 0 && errno == ENOENT) { /* looking makes nothing */
        report_say(r, WARN, "There is no data directory %s yet: the first start makes it.", cfg->data_dir);
        return false;
    }
    if (datadir_open(&d, cfg->data_dir, false, sentence) < 0) {
        report_say(r, BAD, "%s", sentence);
        return false;
    }
    bool running = is_running(d.path);
    report_say(r, FINE, "The data directory is %s%s.", d.path, running ? ", and a server is using it" : "");
    check_key(r, d.path);
    check_database(r, cfg, &d);
    check_space(r, d.path);
    datadir_close(&d);
    return running;
}

static void check_web_port(struct report *r, const struct config *cfg, bool running) {
    char host[64], err[256];
    uint16_t port;
    if (web_address(cfg->http_listen, host, &port, err) < 0) {
        report_say(r, BAD, "%s", err);
        return;
    }
    if (running) {
        report_say(r, FINE, "The web port %s is the running server's.", cfg->http_listen);
        return;
    }
    int why = cli_try_bind(SOCK_STREAM, host, port);
    if (why)
        report_say(r, BAD, "The web port %s cannot be used: %s.", cfg->http_listen, strerror(why));
    else
        report_say(r, FINE, "The web port %s is free.", cfg->http_listen);
}

static void check_tls(struct report *r, const struct config *cfg) {
    char sentence[256];
    int64_t days = 0;
    if (cfg->http_self_signed && !cfg->http_tls_cert[0]) {
        report_say(r, WARN, "HTTPS uses a certificate of its own making: browsers warn once.");
        return;
    }
    if (!cfg->http_tls_cert[0] && !cfg->http_tls_key[0]) {
        bool local = !strncmp(cfg->http_listen, "127.", 4) || !strncmp(cfg->http_listen, "[::1]", 5);
        report_say(r, local ? FINE : WARN,
                   "No certificate: camera and microphone work on this machine only, or behind a proxy "
                   "that has one.");
        return;
    }
    if (!cfg->http_tls_cert[0] || !cfg->http_tls_key[0])
        report_say(r, BAD, "http.tls_cert and http.tls_key go together: one of them is missing.");
    else if (pemcheck(cfg->http_tls_cert, cfg->http_tls_key, clock_wall_ms() / 1000, &days, sentence) < 0)
        report_say(r, BAD, "%s", sentence);
    else
        report_say(r, days < DAYS_LEAST ? WARN : FINE, "The certificate is good for %lld more days.",
                   (long long)days);
}

static void on_pipe_line(void *arg, struct str line) {
    (void)arg;
    printf("         " STR_FMT "\n", STR_ARG(line));
}

static void check_programs(struct report *r, const struct config *cfg) {
    static struct formats formats;
    char path[DATADIR_PATH_MAX + 1], sentence[FORMATS_SENTENCE_MAX], why[RUN_TEXT_MAX];
    paths_find(path, sizeof path, cfg->formats_dir, "../config/formats", "../share/somhub/formats");
    if (formats_load(&formats, path, sentence) < 0)
        report_say(r, BAD, "%s", sentence);
    else
        report_say(r, FINE, "%zu formats are in %s.", formats.n, path);
    paths_find(path, sizeof path, cfg->web_dir, "../web/dist", "../share/somhub/web");
    size_t n = strlen(path);
    snprintf(path + n, sizeof path - n, "/index.html");
    if (access(path, R_OK) < 0)
        report_say(r, BAD, "The web client is not there: %s cannot be read.", path);
    else
        report_say(r, FINE, "The web client is there.");
    paths_find(path, sizeof path, cfg->pipe_path, "somhub-pipe", "somhub-pipe");
    struct run run = {.argv = {path, "check"},
                      .stop_fd = -1,
                      .silence_ms = PIPE_SILENCE_MS,
                      .stop_ms = PIPE_STOP_MS,
                      .line = on_pipe_line};
    if (run_child(&run, why) < 0)
        report_say(r, BAD, "The recorder %s does not work: %s", path, why);
    else
        report_say(r, FINE, "The recorder works.");
}

/* What is made of uploads is made by programs of others. */
static void check_makers(struct report *r) {
    static const char *const makers[][2] = {
        {"pdftoppm", "poppler-utils"}, {"ffmpeg", "ffmpeg"}, {"ffprobe", "ffmpeg"}};
    char path[64];
    for (size_t i = 0; i < countof(makers); i++) {
        snprintf(path, sizeof path, "/usr/bin/%s", makers[i][0]);
        if (access(path, X_OK) < 0)
            report_say(r, BAD, "Nothing can be made of uploads: %s is missing, install %s.", path,
                       makers[i][1]);
    }
}

int cli_check(struct cli *c) {
    struct report r = {.bad = 0};
    setvbuf(stdout, NULL, _IOLBF, 0);
    bool running = check_data(&r, &c->cfg);
    check_web_port(&r, &c->cfg, running);
    check_tls(&r, &c->cfg);
    check_ways(&r, &c->cfg, running);
    check_programs(&r, &c->cfg);
    check_makers(&r);
    if (r.bad)
        printf("%d %s to mend.\n", r.bad, r.bad == 1 ? "thing" : "things");
    else
        puts("All is well.");
    return r.bad ? 1 : 0;
}

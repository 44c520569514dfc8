/* somhub check: everything that could keep a class from happening, in words, before it does. */
#include <arpa/inet.h>
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
#include "server/catalogue/formats.h"
#include "server/cli_verbs.h"
#include "server/jobs/run.h"

enum {
    SPACE_LEAST_MB = 2048, /* an hour of a class is about 700 MB, and its MP4 as much again */
    DAYS_LEAST = 14,
    PIPE_SILENCE_MS = 30000,
    PIPE_STOP_MS = 1000
};
enum verdict { FINE, WARN, BAD };

struct report {
    int bad;
};

static void say(struct report *r, enum verdict v, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void say(struct report *r, enum verdict v, const char *fmt, ...) {
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
        say(r, BAD, "The key %s cannot be read: %s.", path, strerror(errno));
    else if (st.st_mode & 077)
        say(r, BAD, "Others may read the key %s: run `chmod 600` on it.", path);
    else
        say(r, FINE, "The key is the server's own.");
}

static void check_database(struct report *r, const struct datadir *d) {
    struct store *s;
    char text[256] = "";
    int version = store_version(d->db);
    if (version == -ERR_MISSING || d->fresh) {
        say(r, FINE, "There is no database yet: the first start makes it.");
        return;
    }
    if (version < 0 || version > STORE_SCHEMA_VERSION) {
        if (version < 0)
            say(r, BAD, "The database %s cannot be read.", d->db);
        else
            say(r, BAD, "The database was made by a newer version (schema %d, this program knows %d).",
                version, STORE_SCHEMA_VERSION);
        return;
    }
    if (store_open(&s, d->db, false) < 0) {
        say(r, BAD, "The database %s cannot be opened.", d->db);
        return;
    }
    if (store_check(s, text, sizeof text) < 0 || strcmp(text, "ok") != 0)
        say(r, BAD, "The database is damaged: %s.", text[0] ? text : "it cannot be read");
    else
        say(r, FINE, "The database is whole (schema %d).", version);
    store_close(s);
}

static void check_space(struct report *r, const char *dir) {
    struct statvfs v;
    if (statvfs(dir, &v) < 0)
        return;
    unsigned long long mb = (unsigned long long)v.f_bavail * v.f_frsize >> 20;
    if (mb < SPACE_LEAST_MB)
        say(r, BAD, "Only %llu MB are free in %s: an hour of recording needs some 700 MB.", mb, dir);
    else
        say(r, FINE, "%llu GB are free: about %llu hours of recording.", mb >> 10, mb / 1400);
}

static bool check_data(struct report *r, const struct config *cfg) {
    struct datadir d;
    char sentence[DATADIR_SENTENCE_MAX];
    if (access(cfg->data_dir, F_OK) < 0 && errno == ENOENT) { /* looking makes nothing */
        say(r, WARN, "There is no data directory %s yet: the first start makes it.", cfg->data_dir);
        return false;
    }
    if (datadir_open(&d, cfg->data_dir, false, sentence) < 0) {
        say(r, BAD, "%s", sentence);
        return false;
    }
    bool running = is_running(d.path);
    say(r, FINE, "The data directory is %s%s.", d.path, running ? ", and a server is using it" : "");
    check_key(r, d.path);
    check_database(r, &d);
    check_space(r, d.path);
    datadir_close(&d);
    return running;
}

static int try_bind(int type, const char *host, uint16_t port) {
    bool six = strchr(host, ':') != NULL;
    struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int one = 1, fd = socket(six ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    inet_pton(six ? AF_INET6 : AF_INET, host, six ? (void *)&a6.sin6_addr : (void *)&a4.sin_addr);
    if (type == SOCK_STREAM)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int rc = bind(fd, six ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4, six ? sizeof a6 : sizeof a4);
    int why = rc < 0 ? errno : 0;
    close(fd);
    return why;
}

static void check_ports(struct report *r, const struct config *cfg, bool running) {
    char host[64], err[256];
    uint16_t port;
    if (web_address(cfg->http_listen, host, &port, err) < 0) {
        say(r, BAD, "%s", err);
        return;
    }
    if (running) {
        say(r, FINE, "The ports are in use by the running server.");
        return;
    }
    int why = try_bind(SOCK_STREAM, host, port);
    if (why)
        say(r, BAD, "The web port %s cannot be used: %s.", cfg->http_listen, strerror(why));
    else
        say(r, FINE, "The web port %s is free.", cfg->http_listen);
    why = try_bind(SOCK_DGRAM, cfg->media_listen, (uint16_t)cfg->media_port);
    if (why)
        say(r, BAD, "The media port %lld/udp cannot be used: %s.", (long long)cfg->media_port, strerror(why));
    else
        say(r, FINE, "The media port %lld/udp is free; let it through the firewall.",
            (long long)cfg->media_port);
}

static void check_tls(struct report *r, const struct config *cfg) {
    char sentence[256];
    int64_t days = 0;
    if (cfg->http_self_signed && !cfg->http_tls_cert[0]) {
        say(r, WARN, "HTTPS uses a certificate of its own making: browsers warn once.");
        return;
    }
    if (!cfg->http_tls_cert[0] && !cfg->http_tls_key[0]) {
        bool local = !strncmp(cfg->http_listen, "127.", 4) || !strncmp(cfg->http_listen, "[::1]", 5);
        say(r, local ? FINE : WARN,
            "No certificate: camera and microphone work on this machine only, or behind a proxy "
            "that has one.");
        return;
    }
    if (!cfg->http_tls_cert[0] || !cfg->http_tls_key[0])
        say(r, BAD, "http.tls_cert and http.tls_key go together: one of them is missing.");
    else if (pemcheck(cfg->http_tls_cert, cfg->http_tls_key, clock_wall_ms() / 1000, &days, sentence) < 0)
        say(r, BAD, "%s", sentence);
    else
        say(r, days < DAYS_LEAST ? WARN : FINE, "The certificate is good for %lld more days.",
            (long long)days);
}

static void check_announce(struct report *r, const struct config *cfg) {
    struct str list = str_of(cfg->media_announce), one;
    uint8_t raw[16];
    char text[64];
    if (!list.n)
        say(r, FINE, "Browsers are told every address of this machine; behind NAT set media.announce.");
    while (str_until(&list, ',', &one)) {
        one = str_trim(one);
        if (!STR_COPY(text, one) ||
            (inet_pton(AF_INET, text, raw) != 1 && inet_pton(AF_INET6, text, raw) != 1))
            say(r, BAD, "media.announce: \"" STR_FMT "\" is not an IP address.", STR_ARG(one));
        else
            say(r, FINE, "Browsers are told the address %s.", text);
    }
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
        say(r, BAD, "%s", sentence);
    else
        say(r, FINE, "%zu formats are in %s.", formats.n, path);
    paths_find(path, sizeof path, cfg->web_dir, "../web/dist", "../share/somhub/web");
    size_t n = strlen(path);
    snprintf(path + n, sizeof path - n, "/index.html");
    if (access(path, R_OK) < 0)
        say(r, BAD, "The web client is not there: %s cannot be read.", path);
    else
        say(r, FINE, "The web client is there.");
    paths_find(path, sizeof path, cfg->pipe_path, "somhub-pipe", "somhub-pipe");
    struct run run = {.argv = {path, "check"},
                      .stop_fd = -1,
                      .silence_ms = PIPE_SILENCE_MS,
                      .stop_ms = PIPE_STOP_MS,
                      .line = on_pipe_line};
    if (run_child(&run, why) < 0)
        say(r, BAD, "The recorder %s does not work: %s", path, why);
    else
        say(r, FINE, "The recorder works.");
}

int cli_check(struct cli *c) {
    struct report r = {.bad = 0};
    setvbuf(stdout, NULL, _IOLBF, 0);
    bool running = check_data(&r, &c->cfg);
    check_ports(&r, &c->cfg, running);
    check_tls(&r, &c->cfg);
    check_announce(&r, &c->cfg);
    check_programs(&r, &c->cfg);
    if (r.bad)
        printf("%d %s to mend.\n", r.bad, r.bad == 1 ? "thing" : "things");
    else
        puts("All is well.");
    return r.bad ? 1 : 0;
}

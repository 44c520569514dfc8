#include "server/pipes/speech.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/pipes/child.h"

enum {
    ROOM_MAX = 64,
    SOUND_MAX = 4096,
    BYTES_A_MS = 32,
    WELL_MS = 60000,
    TURN_MAX = 64,
    PATH_ENV_MAX = 1024
};

struct hearing {
    struct speech *owner;
    char room[ROOM_MAX + 1];
    struct child *child;
    uv_poll_t *sound; /* heap, freed as it closes; NULL = none */
    int fd;
    uv_timer_t timer; /* until it may be started again; when it ends, until it is killed */
    bool is_resting, is_ending;
    int64_t started_ms, zero_ms; /* by the wall clock: of this program, of its first sample */
    uint64_t fed;                /* bytes */
    int64_t rest_ms;
    int64_t allowance_ms, asked_ms; /* lines it may say, each of SPEECH_LINE_MS */
    uint64_t bad, many, lost;       /* lines, lines, messages of sound */
};
struct speech {
    struct speech_cfg cfg;
    char command[SPEECH_COMMAND_MAX + 1];
    const char *argv[SPEECH_WORDS_MAX + 1];
    struct hearing *all[SPEECH_ROOMS_MAX];
};

static struct hearing *find(const struct speech *s, const char *room) {
    for (size_t i = 0; i < SPEECH_ROOMS_MAX; i++)
        if (s->all[i] && !s->all[i]->is_ending && !strcmp(s->all[i]->room, room))
            return s->all[i];
    return NULL;
}

/* ---- the end of one ---- */

static void on_poll_closed(uv_handle_t *h) { mem_free(h); }

static void deafen(struct hearing *h) {
    if (!h->sound)
        return;
    uv_poll_stop(h->sound);
    uv_close((uv_handle_t *)h->sound, on_poll_closed);
    close(h->fd);
    h->sound = NULL;
}

static void on_timer_closed(uv_handle_t *t) {
    struct hearing *h = t->data;
    for (size_t i = 0; i < SPEECH_ROOMS_MAX; i++)
        if (h->owner->all[i] == h)
            h->owner->all[i] = NULL;
    mem_free(h);
}

static void tell_losses(struct hearing *h) {
    if (h->bad || h->many || h->lost)
        LOG_WARN("of a speech program was left out room=%s bad_lines=%llu too_many=%llu sound=%llu", h->room,
                 (unsigned long long)h->bad, (unsigned long long)h->many, (unsigned long long)h->lost);
    h->bad = h->many = h->lost = 0;
}

static void drop(struct hearing *h) {
    tell_losses(h);
    if (!uv_is_closing((uv_handle_t *)&h->timer))
        uv_close((uv_handle_t *)&h->timer, on_timer_closed);
}

static void on_timer(uv_timer_t *t) {
    struct hearing *h = t->data;
    h->is_resting = false;
    if (h->is_ending && h->child)
        child_kill(h->child, SIGKILL);
}

static void end(struct hearing *h) {
    if (h->is_ending)
        return;
    h->is_ending = true;
    deafen(h);
    uv_timer_stop(&h->timer);
    if (!h->child) {
        drop(h);
        return;
    }
    child_end(h->child);
    uv_timer_start(&h->timer, on_timer, SPEECH_END_MS, 0);
}

/* ---- the program ---- */

/* What is guessed leaves half of it to what is certain. */
static bool may_say(struct hearing *h, bool is_final, int64_t now_ms) {
    const int64_t most = SPEECH_BURST * SPEECH_LINE_MS;
    h->allowance_ms += now_ms - h->asked_ms;
    h->asked_ms = now_ms;
    if (h->allowance_ms > most)
        h->allowance_ms = most;
    if (h->allowance_ms < SPEECH_LINE_MS + (is_final ? 0 : most / 2))
        return false;
    h->allowance_ms -= SPEECH_LINE_MS;
    return true;
}

static void on_line(void *arg, struct str text) {
    struct hearing *h = arg;
    struct speechline *line = mem_zalloc(sizeof *line);
    int64_t now_ms = clock_wall_ms();
    if (speechline_parse(line, text)) {
        if (!h->bad++)
            LOG_WARN("a speech program says what is no line room=%s", h->room);
    } else if (!may_say(h, line->is_final, now_ms)) {
        h->many++;
    } else {
        int64_t said_ms = line->at_ms < 0 ? now_ms - h->owner->cfg.late_ms : h->zero_ms + line->at_ms;
        h->owner->cfg.ops.on_line(h->owner->cfg.ops.arg, h->room, line, said_ms < now_ms ? said_ms : now_ms);
    }
    mem_free(line);
}

static void on_gone(void *arg, int status, int sig) {
    struct hearing *h = arg;
    h->child = NULL;
    tell_losses(h);
    if (h->is_ending) {
        drop(h);
        return;
    }
    bool was_well = clock_wall_ms() - h->started_ms >= WELL_MS;
    h->rest_ms = was_well || !h->rest_ms               ? SPEECH_REST_MS
                 : 2 * h->rest_ms < SPEECH_REST_MAX_MS ? 2 * h->rest_ms
                                                       : SPEECH_REST_MAX_MS;
    LOG_WARN("a speech program ended, it is started again room=%s status=%d signal=%d in_ms=%lld", h->room,
             status, sig, (long long)h->rest_ms);
    h->is_resting = true;
    uv_timer_start(&h->timer, on_timer, (uint64_t)h->rest_ms, 0);
}

/* It learns the room and nothing of ours: settings, which may come by the environment, have secrets. */
static void start(struct hearing *h) {
    char path[PATH_ENV_MAX], room[ROOM_MAX + 16];
    const char *ours = getenv("PATH");
    snprintf(path, sizeof path, "PATH=%s", ours ? ours : "/usr/bin:/bin");
    snprintf(room, sizeof room, "SOMHUB_ROOM=%s", h->room);
    const char *env[] = {path, room, "LANG=C.UTF-8", NULL};
    struct child_cfg cfg = {.argv = h->owner->argv, .env = env, .fd3 = -1, .fd4 = -1, .low_priority = true};
    h->fed = 0;
    h->started_ms = clock_wall_ms();
    h->allowance_ms = SPEECH_BURST * SPEECH_LINE_MS;
    h->asked_ms = h->started_ms;
    child_open(&h->child, h->owner->cfg.loop, &cfg, (struct child_ops){on_line, on_gone, h});
    LOG_INFO("speech program started room=%s", h->room);
}

/* Where its count begins is reckoned anew with each piece: of what was left out it knows nothing. */
static void hear(struct hearing *h, struct bytes sound) {
    if (!h->child && !h->is_resting)
        start(h);
    if (!h->child || !child_feed(h->child, sound)) {
        h->lost += h->child != NULL;
        return;
    }
    int64_t first_ms = clock_wall_ms() - h->owner->cfg.late_ms;
    h->zero_ms = first_ms - (int64_t)(h->fed / BYTES_A_MS);
    h->fed += sound.n;
}

static void on_sound(uv_poll_t *p, int status, int events) {
    struct hearing *h = p->data;
    uint8_t sound[SOUND_MAX];
    (void)events;
    for (int i = 0; !status && i < TURN_MAX && h->sound; i++) {
        ssize_t n = recv(h->fd, sound, sizeof sound, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0) { /* the recorder is gone; the next one brings another socket */
            deafen(h);
            return;
        }
        hear(h, (struct bytes){sound, (size_t)n});
    }
}

/* ---- outside ---- */

static int split(struct speech *s) {
    size_t n = 0;
    char *save = NULL;
    for (char *w = strtok_r(s->command, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        if (n == SPEECH_WORDS_MAX)
            return -ERR_INVALID;
        s->argv[n++] = w;
    }
    return 0;
}

int speech_open(struct speech **out, const struct speech_cfg *cfg) {
    struct speech *s = mem_zalloc(sizeof *s);
    s->cfg = *cfg;
    if (!STR_COPY(s->command, str_of(cfg->command)) || split(s)) {
        mem_free(s);
        return -ERR_INVALID;
    }
    *out = s;
    return 0;
}

static struct hearing *make(struct speech *s, const char *room) {
    for (size_t i = 0; i < SPEECH_ROOMS_MAX; i++) {
        if (s->all[i])
            continue;
        struct hearing *h = mem_zalloc(sizeof *h);
        h->owner = s;
        (void)STR_COPY(h->room, str_of(room));
        uv_timer_init(s->cfg.loop, &h->timer);
        h->timer.data = h;
        return s->all[i] = h;
    }
    return NULL;
}

int speech_listen(struct speech *s, const char *room) {
    int fds[2];
    if (!s->argv[0])
        return -1;
    struct hearing *h = find(s, room);
    if (!h)
        h = make(s, room);
    if (!h || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds))
        return -1;
    deafen(h);
    h->fd = fds[0];
    h->sound = mem_zalloc(sizeof *h->sound);
    uv_poll_init(s->cfg.loop, h->sound, h->fd);
    h->sound->data = h;
    uv_poll_start(h->sound, UV_READABLE, on_sound);
    return fds[1];
}

void speech_end(struct speech *s, const char *room) {
    struct hearing *h = find(s, room);
    if (h)
        end(h);
}

void speech_end_all(struct speech *s) {
    for (size_t i = 0; i < SPEECH_ROOMS_MAX; i++)
        if (s->all[i])
            end(s->all[i]);
}

size_t speech_active(const struct speech *s) {
    size_t n = 0;
    for (size_t i = 0; i < SPEECH_ROOMS_MAX; i++)
        n += s->all[i] && s->all[i]->child;
    return n;
}

void speech_close(struct speech *s) {
    for (size_t i = 0; s && i < SPEECH_ROOMS_MAX; i++)
        if (s->all[i])
            return; /* the process ends in the middle of it: what still comes back must find its owner */
    mem_free(s);
}

#include "server/pipes/recorder.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/json.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/pipes/child.h"

enum { SOCKET_BUFFER_BYTES = 4 << 20, PATH_BYTES = 512 };
/* A child that died before it came so far has never worked: on a full disk each of them comes to its first
 * words. */
static const int64_t WORK_MS = 1000;
/* A child that takes longer is killed, and another one tries. */
static const uint64_t START_LIMIT_MS = 20000, STOP_LIMIT_MS = 10000, FINISH_LIMIT_MS = 60000;
/* One at work says so every second. The tap's socket holds what comes while a slow disk makes it wait. */
static const uint64_t SILENCE_MS = 10000, LAST_CHANCE_MS = 1000;

/* What the recording is for, and what its child is doing. */
enum want { WANT_RUN, WANT_STOP, WANT_FINISH };
enum phase { PHASE_IDLE, PHASE_STARTING, PHASE_RUNNING, PHASE_STOPPING, PHASE_FINISHING, PHASE_RESTING };

struct rec_track {
    uint32_t track; /* 0 = free */
    enum media_source source;
    bool interprets;
    char member[MEDIA_MEMBER_ID_MAX + 1], codec[8];
};
struct recording {
    struct recorder *owner;
    char room_id[MEDIA_MEMBER_ID_MAX + 1];
    uint64_t media_room, tap;
    enum want want;
    enum phase phase;
    struct child *child;
    bool ended;          /* the child said so */
    bool at_work;        /* it has recorded for WORK_MS */
    bool torn, gap_told; /* something is missing before its take; the room knows */
    bool heard;          /* somebody listens to what it mixes */
    bool doubted;        /* silent for SILENCE_MS, by a clock that may have stood still itself */
    unsigned failures;
    int64_t base_ms, duration_ms, told_ms; /* where its take begins; all takes; as last told */
    char program[MEDIA_MEMBER_ID_MAX + 1], screen[MEDIA_MEMBER_ID_MAX + 1], why[200];
    enum media_source screen_source;
    struct channels channels;
    struct rec_track tracks[RECORDER_TRACKS_MAX];
    uv_timer_t timer;
    bool closing;
};
struct recorder {
    struct uv_loop_s *loop;
    struct media *media;
    struct recorder_ops ops;
    char pipe_path[PATH_BYTES], rec_dir[PATH_BYTES];
    struct recording *all[RECORDER_ROOMS_MAX];
};

static void advance(struct recording *rec);

static void tell(struct recording *rec, enum recorder_state state, const char *text) {
    rec->owner->ops.on_state(rec->owner->ops.arg, rec->room_id, state, rec->duration_ms, text);
}

static struct recording *find(struct recorder *r, const char *room_id) {
    for (size_t i = 0; i < RECORDER_ROOMS_MAX; i++)
        if (r->all[i] && !r->all[i]->closing && !strcmp(r->all[i]->room_id, room_id))
            return r->all[i];
    return NULL;
}

static void send_json(struct recording *rec, struct json *j) {
    struct buf b;
    buf_init(&b, CHILD_LINE_MAX);
    json_write(j, &b);
    json_free(j);
    if (!b.over && rec->child)
        child_write(rec->child, buf_view(&b));
    buf_fini(&b);
}

static struct json *message(const char *type) {
    struct json *j = json_object();
    json_set_z(j, "type", type);
    return j;
}

static void send_track(struct recording *rec, const struct rec_track *t) {
    struct json *j = message("track");
    json_set_int(j, "track", t->track);
    json_set_z(j, "source", media_source_name(t->source));
    json_set_z(j, "codec", t->codec);
    json_set_z(j, "member", t->member);
    if (t->interprets)
        json_set_bool(j, "interprets", true);
    send_json(rec, j);
}

/* The newest track wins: a member who published again has a new one before the old is gone. */
static uint32_t track_of(const struct recording *rec, const char *member, enum media_source source,
                         bool interprets) {
    uint32_t best = 0;
    for (size_t i = 0; i < RECORDER_TRACKS_MAX; i++) {
        const struct rec_track *t = &rec->tracks[i];
        if (t->track > best && t->source == source && t->interprets == interprets && member[0] &&
            !strcmp(t->member, member))
            best = t->track;
    }
    return best;
}

/* BCP 47 knows no case, names of files do. */
static void send_air(struct recording *rec, const struct channel *c, bool is_open) {
    char lang[CHANNEL_LANG_MAX + 1];
    for (size_t i = 0; i < sizeof lang; i++)
        lang[i] = c->lang[i] >= 'A' && c->lang[i] <= 'Z' ? (char)(c->lang[i] + 'a' - 'A') : c->lang[i];
    struct json *j = message("air");
    json_set_z(j, "lang", lang);
    json_set_int(j, "track", is_open ? track_of(rec, c->air, MEDIA_MIC, true) : 0);
    send_json(rec, j);
}

static void send_choice(struct recording *rec) {
    struct json *j = message("program");
    json_set_int(j, "track", track_of(rec, rec->program, MEDIA_CAMERA, false));
    send_json(rec, j);
    j = message("screen");
    json_set_int(j, "track", track_of(rec, rec->screen, rec->screen_source, false));
    send_json(rec, j);
    for (unsigned i = 0; i < rec->channels.count; i++)
        send_air(rec, &rec->channels.v[i], true);
}

static void send_start(struct recording *rec) {
    struct json *j = message("start");
    json_set_int(j, "wall_ms", clock_wall_ms());
    json_set_int(j, "clock_us", clock_mono_us());
    json_set_int(j, "segment_ms", 4000);
    json_set_int(j, "part_ms", 1000);
    if (rec->heard)
        json_set_bool(j, "heard", true);
    send_json(rec, j);
    for (size_t i = 0; i < RECORDER_TRACKS_MAX; i++)
        if (rec->tracks[i].track)
            send_track(rec, &rec->tracks[i]);
    send_choice(rec);
}

static void on_timer(uv_timer_t *t);

static void is_alive(struct recording *rec) {
    rec->doubted = false;
    if (rec->phase == PHASE_RUNNING)
        uv_timer_start(&rec->timer, on_timer, SILENCE_MS, 0);
}

/* It writes. Of the death of a child at work rest() has told, of the server's nobody has. */
static void work(struct recording *rec) {
    if (rec->torn && !rec->gap_told)
        tell(rec, RECORDER_GAP, "the server died");
    rec->at_work = true;
    rec->torn = rec->gap_told = false;
    tell(rec, RECORDER_AT_WORK, "");
}

static void on_line(void *arg, struct str line) {
    struct recording *rec = arg;
    struct json *j = NULL;
    struct str type, text;
    bool gap = false;
    if (json_parse(&j, line) || !json_get_str(j, "type", &type)) {
        LOG_WARN("recorder sent a line that is no message room=%s", rec->room_id);
        json_free(j);
        return;
    }
    json_get_int(j, "duration_ms", &rec->duration_ms);
    json_get_int(j, "base_ms", &rec->base_ms);
    json_get_bool(j, "gap", &gap);
    if (str_is(type, "ready") && rec->phase == PHASE_STARTING) {
        rec->phase = PHASE_RUNNING;
        send_start(rec);
        tell(rec, RECORDER_RUNNING, "");
    } else if (str_is(type, "started")) {
        rec->torn = rec->torn || gap;
    } else if (str_is(type, "ended")) {
        rec->ended = true;
    } else if (str_is(type, "progress") && rec->duration_ms >= rec->base_ms + WORK_MS) {
        rec->failures = 0;
        if (!rec->at_work)
            work(rec);
        if (rec->duration_ms >= rec->told_ms + RECORDER_TELL_MS) {
            rec->told_ms = rec->duration_ms;
            tell(rec, RECORDER_PROGRESS, "");
        }
    } else if ((str_is(type, "error") || str_is(type, "warning")) && json_get_str(j, "text", &text)) {
        LOG_WARN("recorder %.*s room=%s text=\"" STR_FMT "\"", STR_ARG(type), rec->room_id, STR_ARG(text));
        if (str_is(type, "error"))
            snprintf(rec->why, sizeof rec->why, STR_FMT, STR_ARG(text));
    }
    is_alive(rec);
    json_free(j);
}

static void on_timer_closed(uv_handle_t *h) {
    struct recording *rec = h->data;
    for (size_t i = 0; i < RECORDER_ROOMS_MAX; i++)
        if (rec->owner->all[i] == rec)
            rec->owner->all[i] = NULL;
    mem_free(rec);
}

static void drop(struct recording *rec) {
    rec->closing = true;
    uv_close((uv_handle_t *)&rec->timer, on_timer_closed);
}

static void on_timer(uv_timer_t *t) {
    struct recording *rec = t->data;
    if (rec->phase == PHASE_RESTING) {
        rec->phase = PHASE_IDLE;
        advance(rec);
    } else if (rec->phase == PHASE_RUNNING && !rec->doubted) {
        rec->doubted = true; /* when all of the machine stood still, its words wait to be read */
        uv_timer_start(&rec->timer, on_timer, LAST_CHANCE_MS, 0);
    } else if (rec->child) {
        snprintf(rec->why, sizeof rec->why, "the recorder hung");
        LOG_ERROR("recorder takes too long, killing it room=%s", rec->room_id);
        child_kill(rec->child, SIGKILL);
    }
}

/* A class hears of a gap once for each recorder that died at work, and once when none can be started at all.
 * Nothing may be done with rec afterwards. */
static void rest(struct recording *rec, bool was_running) {
    rec->failures++;
    if (rec->want == WANT_FINISH && rec->failures >= RECORDER_TRIES) {
        tell(rec, RECORDER_ABANDONED, rec->why);
        drop(rec);
        return;
    }
    rec->phase = PHASE_RESTING;
    uv_timer_start(&rec->timer, on_timer,
                   rec->failures >= RECORDER_TRIES ? RECORDER_REST_MS : RECORDER_RESTART_MS, 0);
    if (rec->want == WANT_RUN && was_running) {
        rec->gap_told = true;
        tell(rec, RECORDER_GAP, rec->why);
    } else if (rec->want == WANT_RUN && rec->failures == RECORDER_TRIES) {
        rec->gap_told = true;
        tell(rec, RECORDER_FAILED, rec->why);
    }
}

static void on_exit(void *arg, int status, int sig) {
    struct recording *rec = arg;
    enum phase was = rec->phase;
    rec->child = NULL;
    uv_timer_stop(&rec->timer);
    if (rec->tap)
        media_tap_close(rec->owner->media, rec->tap);
    rec->tap = 0;
    memset(rec->tracks, 0, sizeof rec->tracks);
    LOG_INFO("recorder exited room=%s status=%d signal=%d", rec->room_id, status, sig);
    bool well = rec->ended && !status && !sig;
    if (was == PHASE_FINISHING && well) {
        tell(rec, RECORDER_FINISHED, "");
        drop(rec);
        return;
    }
    if (was == PHASE_STOPPING && well) {
        rec->phase = PHASE_IDLE;
        tell(rec, RECORDER_STOPPED, "");
        advance(rec);
        return;
    }
    rest(rec, was == PHASE_RUNNING && rec->at_work);
}

static void spawn(struct recording *rec, const char *verb, bool tapped) {
    struct recorder *r = rec->owner;
    char dir[PATH_BYTES + 64];
    snprintf(dir, sizeof dir, "%s/%s", r->rec_dir, rec->room_id);
    int fds[2] = {-1, -1};
    rec->ended = rec->at_work = rec->doubted = false;
    if (tapped) {
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) {
            snprintf(rec->why, sizeof rec->why, "no socket for the recorder: %s", strerror(errno));
            rest(rec, false);
            return;
        }
        int bytes = SOCKET_BUFFER_BYTES;
        setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
        if (media_tap_open(r->media, rec->media_room, fds[0], &rec->tap)) { /* has closed fds[0] */
            close(fds[1]);
            rec->tap = 0;
            snprintf(rec->why, sizeof rec->why, "the media plane has no place for a recorder");
            rest(rec, false);
            return;
        }
    }
    int ear = tapped && r->ops.listen ? r->ops.listen(r->ops.arg, rec->room_id) : -1;
    rec->heard = ear >= 0;
    const char *argv[] = {r->pipe_path, verb, dir, NULL};
    struct child_cfg cfg = {.argv = argv, .fd3 = fds[1], .fd4 = ear};
    struct child_ops ops = {on_line, on_exit, rec};
    uv_timer_start(&rec->timer, on_timer, tapped ? START_LIMIT_MS : FINISH_LIMIT_MS, 0);
    child_open(&rec->child, r->loop, &cfg, ops);
}

static void begin_stop(struct recording *rec, bool final) {
    struct json *j = message("stop");
    if (final)
        json_set_bool(j, "final", true);
    send_json(rec, j);
    rec->phase = final ? PHASE_FINISHING : PHASE_STOPPING;
    uv_timer_start(&rec->timer, on_timer, STOP_LIMIT_MS, 0);
}

/* The one place that decides what to do next from what is wanted and what is. */
static void advance(struct recording *rec) {
    switch (rec->phase) {
    case PHASE_IDLE:
        if (rec->want == WANT_RUN) {
            rec->phase = PHASE_STARTING;
            spawn(rec, "record", true);
        } else if (rec->want == WANT_FINISH) {
            rec->phase = PHASE_FINISHING;
            spawn(rec, "finish", false);
        } else {
            drop(rec); /* what is on disk waits for the next start or for the end */
        }
        break;
    case PHASE_STARTING: /* a child that has not started can be stopped all the same: it reads stop after
                            start */
    case PHASE_RUNNING:
        if (rec->want != WANT_RUN)
            begin_stop(rec, rec->want == WANT_FINISH);
        break;
    case PHASE_RESTING:
        if (rec->want == WANT_RUN || rec->failures)
            break; /* the timer comes back here */
        uv_timer_stop(&rec->timer);
        rec->phase = PHASE_IDLE; /* something else is wanted now: at once */
        advance(rec);
        break;
    case PHASE_STOPPING: /* its exit comes back here */
    case PHASE_FINISHING:
        break;
    }
}

int recorder_open(struct recorder **out, struct uv_loop_s *loop, struct media *media, const char *pipe_path,
                  const char *rec_dir, struct recorder_ops ops) {
    struct recorder *r = mem_zalloc(sizeof *r);
    r->loop = loop;
    r->media = media;
    r->ops = ops;
    if (!STR_COPY(r->pipe_path, str_of(pipe_path)) || !STR_COPY(r->rec_dir, str_of(rec_dir))) {
        mem_free(r);
        return -ERR_TOO_LARGE;
    }
    *out = r;
    return 0;
}

void recorder_close(struct recorder *r) { mem_free(r); }

size_t recorder_active(const struct recorder *r) {
    size_t n = 0;
    for (size_t i = 0; i < RECORDER_ROOMS_MAX; i++)
        n += r->all[i] && (r->all[i]->child || r->all[i]->want == WANT_FINISH);
    return n;
}

static struct recording *make(struct recorder *r, const char *room_id, uint64_t media_room) {
    for (size_t i = 0; i < RECORDER_ROOMS_MAX; i++) {
        if (r->all[i])
            continue;
        struct recording *rec = mem_zalloc(sizeof *rec);
        rec->owner = r;
        rec->media_room = media_room;
        STR_COPY(rec->room_id, str_of(room_id));
        uv_timer_init(r->loop, &rec->timer);
        rec->timer.data = rec;
        return r->all[i] = rec;
    }
    return NULL;
}

int recorder_start(struct recorder *r, const char *room_id, uint64_t media_room) {
    struct recording *rec = find(r, room_id);
    if (!rec)
        rec = make(r, room_id, media_room);
    if (!rec)
        return -ERR_FULL;
    rec->media_room = media_room;
    if (rec->want != WANT_FINISH)
        rec->want = WANT_RUN;
    advance(rec);
    return 0;
}

void recorder_stop(struct recorder *r, const char *room_id, bool final) {
    struct recording *rec = find(r, room_id);
    if (!rec && final) {
        rec = make(r, room_id, 0);
        if (!rec)
            r->ops.on_state(r->ops.arg, room_id, RECORDER_ABANDONED, 0, "too many recordings at once");
    }
    if (!rec)
        return;
    if (rec->want != WANT_FINISH) {
        rec->want = final ? WANT_FINISH : WANT_STOP;
        rec->failures = 0;
    }
    advance(rec);
}

void recorder_program(struct recorder *r, const char *room_id, const char *member) {
    struct recording *rec = find(r, room_id);
    if (!rec || !strcmp(rec->program, member ? member : ""))
        return;
    STR_COPY(rec->program, str_of(member));
    if (rec->phase == PHASE_RUNNING)
        send_choice(rec);
}

void recorder_screen(struct recorder *r, const char *room_id, const char *member, enum media_source source) {
    struct recording *rec = find(r, room_id);
    if (!rec || (!strcmp(rec->screen, member ? member : "") && rec->screen_source == source))
        return;
    STR_COPY(rec->screen, str_of(member));
    rec->screen_source = source;
    if (rec->phase == PHASE_RUNNING)
        send_choice(rec);
}

static const struct channel *channel_of(const struct channels *all, const char *lang) {
    for (unsigned i = 0; i < all->count; i++)
        if (!strcmp(all->v[i].lang, lang))
            return &all->v[i];
    return NULL;
}

void recorder_channels(struct recorder *r, const char *room_id, const struct channels *c) {
    struct recording *rec = find(r, room_id);
    if (!rec)
        return;
    struct channels was = rec->channels;
    rec->channels = *c;
    for (unsigned i = 0; rec->phase == PHASE_RUNNING && i < was.count; i++)
        if (!channel_of(c, was.v[i].lang))
            send_air(rec, &was.v[i], false);
    for (unsigned i = 0; rec->phase == PHASE_RUNNING && i < c->count; i++) {
        const struct channel *old = channel_of(&was, c->v[i].lang);
        if (strcmp(old ? old->air : "", c->v[i].air) != 0)
            send_air(rec, &c->v[i], true);
    }
}

/* A free place is track 0, so "the lowest number" takes a free place first and else forgets the oldest track.
 */
static void put_track(struct recording *rec, const struct media_event *e) {
    struct rec_track *slot = &rec->tracks[0];
    for (size_t i = 0; i < RECORDER_TRACKS_MAX; i++) {
        struct rec_track *t = &rec->tracks[i];
        if (t->track == e->track) {
            slot = t;
            break;
        }
        if (t->track < slot->track)
            slot = t;
    }
    *slot = (struct rec_track){.track = e->track, .source = e->source, .interprets = e->channel != 0};
    STR_COPY(slot->member, str_of(e->member));
    STR_COPY(slot->codec, str_of(e->text));
    if (rec->phase == PHASE_RUNNING) {
        send_track(rec, slot);
        send_choice(rec);
    }
}

void recorder_on_media(struct recorder *r, const struct media_event *e) {
    for (size_t i = 0; i < RECORDER_ROOMS_MAX; i++) {
        struct recording *rec = r->all[i];
        if (!rec || rec->closing || !rec->tap || rec->tap != e->tap)
            continue;
        if (e->type == MEDIA_EV_TAP_TRACK)
            put_track(rec, e);
        else if (e->type == MEDIA_EV_TAP_GONE && rec->child)
            rec->tap = 0; /* the child closed its end: its exit follows */
    }
}

void recorder_stop_all(struct recorder *r) {
    for (size_t i = 0; i < RECORDER_ROOMS_MAX; i++)
        if (r->all[i] && !r->all[i]->closing)
            recorder_stop(r, r->all[i]->room_id, false);
}

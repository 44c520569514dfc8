/* somhub-pipe record DIR: the loop around a record: fd 3 brings frames and takes keyframe requests, stdin
 * brings JSON lines, stdout tells. While frames wait, time is their arrival; when none do, it is the clock
 * (or, with "virtual" in the start line, the last {"type":"tick","now_us":…}: then a test can feed an hour in
 * seconds). */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "media/pipeline/commands.h"
#include "media/pipeline/dirlock.h"
#include "media/pipeline/manifest.h"
#include "media/pipeline/record.h"
#include "media/pipeline/say.h"

enum {
    FRAMES_FD = 3,
    EAR_FD = 4,
    BATCH = 32,
    TURN_FRAMES = 128,
    LINE_BYTES = 16384,
    TICK_MS = 50,
    PROGRESS_US = 1000000
};

struct studio {
    const char *dir;
    struct record *record;
    struct recovery past;
    bool frames_open, input_open, simulated, stop, final;
    bool orphaned; /* the server went without a word */
    int64_t now_us, told_us;
    char line[LINE_BYTES];
    size_t line_n;
    bool line_skip; /* the rest of a line that was too long */
    uint8_t frames[BATCH][FRAME_MAX];
};

static void ask_key(void *arg, uint32_t track) {
    (void)arg;
    uint8_t msg[FRAME_HEAD];
    struct frame f = {.kind = FRAME_KEYFRAME, .media = FRAME_VIDEO, .track = track};
    int n = frame_write(&f, msg, sizeof msg);
    if (n > 0)
        send(FRAMES_FD, msg, (size_t)n,
             MSG_DONTWAIT | MSG_NOSIGNAL); /* asked again a second later if it is lost */
}
static int64_t number(const struct json *j, const char *key, int64_t otherwise) {
    json_get_int(j, key, &otherwise);
    return otherwise;
}
static int start(struct studio *s, const struct json *j) {
    struct record_cfg cfg = {.dir = s->dir, .past = s->past, .arg = s, .ask_key = ask_key};
    bool heard = false;
    json_get_bool(j, "virtual", &s->simulated);
    if (json_get_bool(j, "heard", &heard) && heard)
        cfg.ear_fd = EAR_FD;
    cfg.clock_us = number(j, "clock_us", clock_mono_us());
    cfg.wall_ms = number(j, "wall_ms", clock_wall_ms());
    cfg.segment_ms = number(j, "segment_ms", 4000);
    cfg.part_ms = number(j, "part_ms", 1000);
    if (cfg.segment_ms < 1000 || cfg.segment_ms > 20000 || cfg.part_ms < 100 || cfg.part_ms > 2000)
        return -ERR_INVALID;
    s->now_us = s->simulated ? cfg.clock_us : clock_mono_us();
    int err = record_open(&s->record, &cfg);
    if (err)
        return err;
    struct json *out = say_new("started");
    json_set_int(out, "take", record_take(s->record));
    json_set_int(out, "base_ms", record_base_ms(s->record));
    if (record_gap(s->record))
        json_set_bool(out, "gap", true);
    say(out);
    return 0;
}
static void add_track(struct studio *s, const struct json *j, uint32_t track) {
    static const char *const kinds[] = {[SOURCE_CAMERA] = "camera",
                                        [SOURCE_MIC] = "mic",
                                        [SOURCE_SCREEN] = "screen",
                                        [SOURCE_SCREEN_AUDIO] = "screen_audio",
                                        [SOURCE_CONTENT] = "content"};
    static const char *const codecs[] = {[FRAME_OPUS] = "opus",
                                         [FRAME_H264] = "h264",
                                         [FRAME_VP8] = "vp8",
                                         [FRAME_VP9] = "vp9",
                                         [FRAME_AV1] = "av1"};
    struct str source = {0}, codec = {0}, member = {0};
    unsigned kind = 1, c = 1;
    bool interprets = false;
    json_get_bool(j, "interprets", &interprets);
    json_get_str(j, "source", &source);
    json_get_str(j, "codec", &codec);
    json_get_str(j, "member", &member);
    while (kind < countof(kinds) && !str_is(source, kinds[kind]))
        kind++;
    while (c < countof(codecs) && !str_ieq(codec, str_of(codecs[c])))
        c++;
    if (interprets && kind == SOURCE_MIC && c == FRAME_OPUS)
        record_interpreter(s->record, track, member);
    else if (!interprets && kind < countof(kinds) && c < countof(codecs))
        record_track(s->record, track, kind, c, member);
    else
        say_text("warning", "a track of a kind that cannot be recorded");
}
static int on_command(struct studio *s, const struct json *j) {
    struct str type, lang;
    uint32_t track = (uint32_t)number(j, "track", 0);
    if (!json_get_str(j, "type", &type))
        return 0;
    if (str_is(type, "stop")) {
        s->stop = true;
        json_get_bool(j, "final", &s->final);
    } else if (str_is(type, "start")) {
        return s->record ? 0 : start(s, j);
    } else if (str_is(type, "ping")) {
        struct json *out = say_new("pong");
        json_set_int(out, "id", number(j, "id", 0));
        say(out);
    } else if (!s->record) {
        LOG_WARN("a command before start type=" STR_FMT, STR_ARG(type));
    } else if (str_is(type, "track")) {
        add_track(s, j, track);
    } else if (str_is(type, "untrack")) {
        record_untrack(s->record, track, s->now_us);
    } else if (str_is(type, "program") || str_is(type, "screen")) {
        record_choose(s->record, str_is(type, "screen"), track, s->now_us);
    } else if (str_is(type, "air") && json_get_str(j, "lang", &lang)) {
        record_air(s->record, lang, track);
    } else if (str_is(type, "tick") && s->simulated) {
        int64_t now = number(j, "now_us", 0);
        s->now_us = now > s->now_us ? now : s->now_us;
        record_tick(s->record, s->now_us);
    }
    return 0;
}
static int on_line(struct studio *s, struct str line) {
    struct json *j;
    if (json_parse(&j, line)) {
        say_text("warning", "a line that is not JSON");
        return 0;
    }
    int err = on_command(s, j);
    json_free(j);
    return err;
}
static int read_lines(struct studio *s) {
    ssize_t n = read(STDIN_FILENO, s->line + s->line_n, sizeof s->line - s->line_n);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : -ERR_IO;
    if (!n) {
        s->input_open = false;
        s->stop = s->orphaned = true;
        return 0;
    }
    s->line_n += (size_t)n;
    char *lf;
    int err = 0;
    while (!err && !s->stop && (lf = memchr(s->line, '\n', s->line_n)) != NULL) {
        size_t len = (size_t)(lf - s->line);
        if (!s->line_skip)
            err = on_line(s, (struct str){s->line, len});
        s->line_skip = false;
        s->line_n -= len + 1;
        memmove(s->line, lf + 1, s->line_n);
    }
    if (s->line_n == sizeof s->line) {
        s->line_n = 0;
        s->line_skip = true;
    }
    return err;
}

/* True when no frame waits any more. */
static bool read_frames(struct studio *s) {
    struct mmsghdr msgs[BATCH];
    struct iovec iov[BATCH];
    for (int total = 0; total < TURN_FRAMES; total += BATCH) {
        for (int i = 0; i < BATCH; i++) {
            iov[i] = (struct iovec){s->frames[i], FRAME_MAX};
            msgs[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &iov[i], .msg_iovlen = 1}};
        }
        int n = recvmmsg(FRAMES_FD, msgs, BATCH, MSG_DONTWAIT, NULL);
        if (n < 0)
            return true;
        for (int i = 0; i < n; i++) {
            struct frame f;
            if (!msgs[i].msg_len) {
                s->frames_open = false; /* SOCK_SEQPACKET: nothing more will come */
                return true;
            }
            if (frame_parse(&f, (struct bytes){s->frames[i], msgs[i].msg_len}) || !s->record)
                continue;
            s->now_us = f.arrival_us > s->now_us ? f.arrival_us : s->now_us;
            record_frame(s->record, &f);
        }
        if (n < BATCH)
            return true;
    }
    return false;
}
static void progress(struct studio *s) {
    if (s->now_us - s->told_us < PROGRESS_US)
        return;
    s->told_us = s->now_us;
    struct json *j = say_new("progress");
    json_set_int(j, "duration_ms", record_duration_ms(s->record));
    json_set_int(j, "bytes", (int64_t)record_bytes(s->record));
    say(j);
}
static int turn(struct studio *s) {
    bool idle = !s->frames_open || read_frames(s);
    if (!s->record)
        return 0;
    if (idle && !s->simulated) {
        int64_t now = clock_mono_us();
        s->now_us = now > s->now_us ? now : s->now_us;
    }
    record_tick(s->record, s->now_us);
    progress(s);
    const char *why;
    int err = record_status(s->record, &why);
    if (err)
        say_text("error", why);
    return err;
}
static int loop(struct studio *s, int signals) {
    int err = 0;
    while (!s->stop && !err) {
        struct pollfd fds[] = {{.fd = s->input_open ? STDIN_FILENO : -1, .events = POLLIN},
                               {.fd = s->frames_open ? FRAMES_FD : -1, .events = POLLIN},
                               {.fd = s->record ? record_fd(s->record) : -1, .events = POLLIN},
                               {.fd = signals, .events = POLLIN}};
        if (poll(fds, countof(fds), s->record ? TICK_MS : -1) < 0 && errno != EINTR)
            return -ERR_IO;
        err = turn(s);
        if (!err && fds[0].revents && (err = read_lines(s)) != 0)
            say_text("error", s->record ? "a command failed" : "the recording cannot be started");
        s->stop |= fds[3].revents != 0;
    }
    return err;
}
static int end(struct studio *s) {
    int64_t duration_ms = s->past.end_ms;
    int err = 0;
    if (s->record) {
        err = record_stop(s->record, s->now_us, s->orphaned, &duration_ms);
        const char *why;
        if (err)
            say_text("error", record_status(s->record, &why) ? why : "the take cannot be closed");
    }
    if (!err && s->final && (err = manifest_finish(s->dir, &duration_ms)) != 0 && err != -ERR_MISSING)
        say_text("error", "the manifest cannot be written");
    if (err && err != -ERR_MISSING)
        return err;
    struct json *j = say_new("ended");
    json_set_int(j, "duration_ms", duration_ms);
    json_set_bool(j, "final", s->final);
    say(j);
    return 0;
}
static int take_signals(void) { /* SIGTERM closes the take */
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    signal(SIGPIPE, SIG_IGN);
    return sigprocmask(SIG_BLOCK, &set, NULL) ? -1 : signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
int command_record(const char *dir) {
    static const char *const plugins[] = {"coreelements", "opus", "voaacenc", "x264", "vpx", "aom"};
    struct studio *s = mem_zalloc(sizeof *s);
    s->dir = dir;
    s->frames_open = s->input_open = true;
    int signals = take_signals();
    mkdir(dir, 0755);
    dirlock_take(dir);
    int err = element_plugins(plugins, countof(plugins));
    if (err)
        say_text("error", "GStreamer's plugins are not installed");
    else if ((err = recover_dir(&s->past, dir)) != 0)
        say_text("error", "the recording's directory cannot be read or repaired");
    else if (s->past.finished && (err = -ERR_CONFLICT) != 0)
        say_text("error", "this recording is finished already");
    if (!err) {
        if (s->past.repaired)
            say_duration("recovered", s->past.end_ms);
        say(say_new("ready"));
        err = loop(s, signals);
        if (!err)
            err = end(s);
    }
    record_close(s->record);
    mem_free(s);
    return err;
}

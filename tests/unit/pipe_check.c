#include "tests/unit/pipe_check.h"
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "media/base/clock.h"
#include "media/base/mem.h"
#include "media/pipeline/box.h"
#include "media/pipeline/playlist.h"
#include "media/pipeline/recover.h"
#include "media/pipeline/takes.h"

enum { COMMAND_BYTES = 1024, LINE_BYTES = 512, SEGMENT_MAX = 64 << 20 };

/* What a crash may cost: "parts <= 1 s", and a rounding. */
static const double PART_MAX_S = 1.0001;

bool check_decodes(const char *path) {
    char cmd[COMMAND_BYTES], line[LINE_BYTES];
    bool clean = true;
    snprintf(cmd, sizeof cmd,
             "ffmpeg -nostdin -v error -copyts -i '%s' -map 0 -fps_mode passthrough -enc_time_base:v 1:90000 "
             "-f null - 2>&1",
             path);
    FILE *f = popen(cmd, "r");
    while (f && fgets(line, sizeof line, f)) {
        fprintf(stderr, "ffmpeg: %s", line);
        clean = false;
    }
    return f && !pclose(f) && clean;
}
double check_duration_s(const char *path, const char *stream) {
    char cmd[COMMAND_BYTES], line[LINE_BYTES];
    double end = 0;
    snprintf(
        cmd, sizeof cmd,
        "ffprobe -v error -select_streams %s -show_entries packet=pts_time,duration_time -of csv=p=0 '%s'",
        stream, path);
    FILE *f = popen(cmd, "r");
    while (f && fgets(line, sizeof line, f)) {
        double at, dur;
        if (sscanf(line, "%lf,%lf", &at, &dur) == 2 && at + dur > end)
            end = at + dur;
    }
    return f && !pclose(f) ? end : -1;
}
/* Times at which a value printed by a metadata filter rises above a threshold. */
static void onsets(struct check_onsets *out, const char *cmd, double threshold) {
    char line[LINE_BYTES];
    double at = 0;
    bool on = false;
    out->n = 0;
    FILE *f = popen(cmd, "r");
    while (f && fgets(line, sizeof line, f)) {
        const char *p = strstr(line, "pts_time:"), *eq = strchr(line, '=');
        if (p) {
            at = atof(p + 9);
            continue;
        }
        if (!eq)
            continue;
        bool now = strstr(eq, "inf") ? false : atof(eq + 1) > threshold;
        if (now && !on && out->n < CHECK_ONSETS_MAX)
            out->at_s[out->n++] = at;
        on = now;
    }
    if (f)
        pclose(f);
}
void check_flashes(struct check_onsets *out, const char *path) {
    char cmd[COMMAND_BYTES];
    snprintf(cmd, sizeof cmd,
             "ffmpeg -nostdin -v fatal -copyts -i '%s' -map 0:v -fps_mode passthrough -enc_time_base:v "
             "1:90000 -vf scale=32:18,signalstats,"
             "metadata=print:key=lavfi.signalstats.YAVG:file=- -f null -",
             path);
    onsets(out, cmd, 170);
}
void check_beeps(struct check_onsets *out, const char *path) {
    char cmd[COMMAND_BYTES];
    snprintf(
        cmd, sizeof cmd,
        "ffmpeg -nostdin -v fatal -copyts -i '%s' -map 0:a -af aresample=8000,aformat=channel_layouts=mono,"
        "asetnsamples=40,astats=metadata=1:reset=1:measure_overall=Peak_level:measure_perchannel=none,"
        "ametadata=print:key=lavfi.astats.Overall.Peak_level:file=- -f null -",
        path);
    onsets(out, cmd, -20);
}
double check_sync_s(const struct check_onsets *flashes, const struct check_onsets *beeps, double from_s,
                    double *mean) {
    double worst = -1, sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < flashes->n; i++) {
        double best = 1e9;
        if (flashes->at_s[i] < from_s)
            continue;
        for (size_t j = 0; j < beeps->n; j++)
            if (fabs(beeps->at_s[j] - flashes->at_s[i]) < fabs(best))
                best = beeps->at_s[j] - flashes->at_s[i];
        if (fabs(best) > worst)
            worst = fabs(best);
        sum += best;
        n++;
    }
    *mean = n ? sum / (double)n : 0;
    return worst;
}
size_t check_sound(int16_t *pcm, size_t cap, const char *path) {
    char cmd[COMMAND_BYTES];
    snprintf(cmd, sizeof cmd, "ffmpeg -nostdin -v fatal -i '%s' -map 0:a -ac 1 -ar %d -f s16le -", path,
             CHECK_HZ);
    FILE *f = popen(cmd, "r");
    size_t n = f ? fread(pcm, sizeof *pcm, cap, f) : 0;
    if (f)
        pclose(f);
    return n;
}
double check_tone(const int16_t *pcm, size_t n, unsigned hz) {
    double k = 2 * cos(2 * 3.14159265358979 * hz / CHECK_HZ), a = 0, b = 0;
    for (size_t i = 0; i < n; i++) {
        double now = pcm[i] + k * a - b;
        b = a;
        a = now;
    }
    return 2 * sqrt(a * a + b * b - k * a * b) / (double)n;
}
size_t check_count_lines(const char *dir, const char *name, const char *prefix) {
    char *text;
    size_t n, count = 0;
    struct str rest, line;
    if (takes_load(&text, &n, dir, name, SEGMENT_MAX))
        return 0;
    rest = (struct str){text, n};
    while (str_line(&rest, &line))
        count += str_starts(line, str_of(prefix));
    mem_free(text);
    return count;
}
void check_tmp(char dir[64]) {
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, 64, "%.40s/somhub-pipe-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        abort();
}
void check_remove(const char *dir) {
    char path[COMMAND_BYTES];
    struct dirent *e;
    DIR *d = opendir(dir);
    while (d && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
            unlink(path);
        }
    if (d)
        closedir(d);
    rmdir(dir);
}

static void walk_parts(const char *dir, const char *prefix, double *end_s, double *longest_s) {
    struct dirent *e;
    *end_s = *longest_s = 0;
    DIR *d = opendir(dir);
    while (d && (e = readdir(d)) != NULL) {
        char *p;
        size_t n, off = 0;
        struct box_part part;
        if (!str_starts(str_of(e->d_name), str_of(prefix)) || takes_load(&p, &n, dir, e->d_name, SEGMENT_MAX))
            continue;
        double hz = prefix[0] == 'a' ? FMP4_AUDIO_HZ : FMP4_VIDEO_HZ;
        while (!box_part(&part, (struct bytes){(uint8_t *)p, n}, &off)) {
            *end_s = fmax(*end_s, (double)(part.tfdt + part.dur) / hz);
            *longest_s = fmax(*longest_s, (double)part.dur / hz);
        }
        mem_free(p);
    }
    if (d)
        closedir(d);
}
static double written_s(const char *dir, const char *prefix) {
    double end, longest;
    walk_parts(dir, prefix, &end, &longest);
    return end;
}
double check_longest_part_s(const char *dir, const char *prefix) {
    double end, longest;
    walk_parts(dir, prefix, &end, &longest);
    return longest;
}
bool check_written(const char *dir, const char *prefix, double until_s) {
    int64_t deadline = clock_mono_us() + INT64_C(20000000);
    while (written_s(dir, prefix) < until_s) {
        if (clock_mono_us() > deadline)
            return false;
        usleep(2000); /* lint: deadline, above */
    }
    return true;
}

static bool complain(const char *what, struct str name, double value) {
    fprintf(stderr, "check_rendition: %s in " STR_FMT " (%f)\n", what, STR_ARG(name), value);
    return false;
}
static bool check_segment(const char *dir, const struct playlist_entry *e, uint32_t hz, double *at_s,
                          bool first) {
    char uri[PLAYLIST_URI_MAX], *p;
    size_t n, off = 0;
    struct box_part part;
    int err;
    if (!STR_COPY(uri, e->uri) || takes_load(&p, &n, dir, uri, SEGMENT_MAX))
        return complain("no segment", e->uri, 0);
    double begin = -1, end = 0, long_s = 0;
    while (!(err = box_part(&part, (struct bytes){(uint8_t *)p, n}, &off))) {
        double at = (double)part.tfdt / hz;
        if (begin < 0)
            begin = end = at;
        if (part.n > 1 && (double)part.dur / hz > PART_MAX_S) /* one picture that stands still stays whole */
            long_s = (double)part.dur / hz;
        if (fabs(at - end) > 0.0001)
            err = -1;
        end = at + (double)part.dur / hz;
    }
    mem_free(p);
    if (off != n || begin < 0)
        return complain("segment does not parse to its end", e->uri, (double)(n - off));
    if (long_s > 0)
        return complain("a part is too long", e->uri, long_s);
    if (!first && fabs(begin - *at_s) > 0.001)
        return complain("hole in time", e->uri, begin - *at_s);
    if (fabs(end - begin - (double)e->dur_us / 1e6) > 0.0001)
        return complain("wrong EXTINF", e->uri, end - begin);
    if (first)
        *at_s = begin;
    *at_s = end;
    return true;
}
static bool init_is_whole(const char *dir, struct str name) {
    char uri[PLAYLIST_URI_MAX], *p;
    size_t n;
    struct fmp4_track t;
    if (!STR_COPY(uri, name) || takes_load(&p, &n, dir, uri, FMP4_INIT_MAX))
        return complain("no init segment", name, 0);
    bool ok = !box_init(&t, (struct bytes){(uint8_t *)p, n});
    mem_free(p);
    return ok || complain("init segment does not parse", name, 0);
}
bool check_rendition(const char *dir, int which, double *begin_s, double *end_s, size_t *runs) {
    const struct rendition_file *file = &rendition_files[which];
    char *text;
    size_t n, count = 0;
    struct playlist_rd r;
    struct playlist_entry e = {0};
    struct str init = {0};
    bool ok = true;
    double at = 0;
    *runs = 0;
    if (takes_load(&text, &n, dir, file->list, SEGMENT_MAX))
        return complain("no playlist", str_of(file->list), 0);
    playlist_open(&r, (struct str){text, n});
    while (ok && playlist_next(&r, &e)) {
        bool first = !count++;
        if (e.discontinuity == str_eq(init, e.init) && !first)
            ok = complain("discontinuity and init segment disagree", e.uri, 0);
        if (first || e.discontinuity) {
            (*runs)++;
            ok = ok && init_is_whole(dir, e.init);
        }
        init = e.init;
        double before = at;
        ok = ok && check_segment(dir, &e, file->timescale, &at, first);
        if (first && ok) {
            before = at - (double)e.dur_us / 1e6;
            *begin_s = before;
        }
        if (ok && (e.dur_us + 500000) / 1000000 > r.target_s)
            ok = complain("longer than the target", e.uri, (double)e.dur_us / 1e6);
    }
    *end_s = at;
    if (ok && r.good != n)
        ok = complain("torn playlist", str_of(file->list), (double)(n - r.good));
    mem_free(text);
    return ok && count;
}

/* somhub-pipe mp4 DIR OUT.mp4: one file to take away. Copies when the program kept one picture size and no
 * screen was shared; else composes first, in a directory beside OUT that is removed again. */
#include <dirent.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/base/err.h"
#include "media/pipeline/commands.h"
#include "media/pipeline/compose.h"
#include "media/pipeline/element.h"
#include "media/pipeline/manifest.h"
#include "media/pipeline/mp4.h"
#include "media/pipeline/say.h"

enum { LOW_PRIORITY = 15 };

struct teller {
    int from, to, said; /* per cent */
};
static void tell(struct teller *t, double share) {
    int percent = t->from + (int)((t->to - t->from) * share);
    if (percent <= t->said)
        return;
    t->said = percent;
    struct json *j = say_new("progress");
    json_set_int(j, "percent", percent);
    say(j);
}
static void on_bytes(void *arg, uint64_t done, uint64_t all) {
    tell(arg, all ? (double)done / (double)all : 1);
}
static void on_time(void *arg, int64_t done_ms, int64_t all_ms) {
    tell(arg, all_ms ? (double)done_ms / (double)all_ms : 1);
}

static void remove_dir(const char *dir) {
    char path[PATH_MAX];
    struct dirent *e;
    DIR *d = opendir(dir);
    while (d && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.' && snprintf(path, sizeof path, "%s/%s", dir, e->d_name) < (int)sizeof path)
            unlink(path);
    if (d)
        closedir(d);
    rmdir(dir);
}
static int write_out(const struct mp4_job *job, struct teller *t) {
    int err = mp4_write(job);
    if (!err)
        tell(t, 1); /* a short one has no news on the way */
    return err;
}
static int make(const char *dir, const char *out, const struct manifest *m) {
    char work[PATH_MAX];
    struct teller t = {.said = -1, .to = 100};
    struct mp4_job job = {.video_dir = dir, .audio_dir = dir, .out = out, .arg = &t, .on_progress = on_bytes};
    job.langs = m->master.langs;
    job.langs_n = m->master.langs_n;
    bool copies = !m->sides[RENDITION_PROGRAM].sizes_changed && !m->sides[RENDITION_SCREEN].present;
    tell(&t, 0);
    if (copies)
        return write_out(&job, &t);
    if (snprintf(work, sizeof work, "%s.work", out) >= (int)sizeof work)
        return -ERR_TOO_LARGE;
    remove_dir(work); /* of an attempt that was interrupted */
    if (mkdir(work, 0755))
        return -ERR_IO;
    static const char *const plugins[] = {"coreelements", "libav", "videoconvertscale", "x264"};
    struct compose_job compose = {.dir = dir,
                                  .out_dir = work,
                                  .duration_ms = manifest_duration_ms(m),
                                  .arg = &t,
                                  .on_progress = on_time};
    t.to = 95;
    int err = element_plugins(plugins, countof(plugins));
    if (!err)
        err = compose_run(&compose);
    t = (struct teller){.from = 95, .to = 100, .said = t.said};
    job.video_dir = work;
    if (!err)
        err = write_out(&job, &t);
    remove_dir(work);
    return err;
}
int command_mp4(const char *dir, const char *out) {
    struct manifest m;
    struct sched_param param = {0};
    if (getpriority(PRIO_PROCESS, 0) < LOW_PRIORITY) /* never up from where the job thread put us */
        setpriority(PRIO_PROCESS, 0, LOW_PRIORITY);  /* a lesson that is live goes first */
    sched_setscheduler(0, SCHED_BATCH, &param);
    int err = manifest_read(&m, dir);
    if (err) {
        say_text("error", "there is no recording in this directory");
        return err;
    }
    err = make(dir, out, &m);
    if (err == -ERR_UNSUPPORTED)
        say_text("error", "GStreamer cannot decode or encode H.264 here");
    else if (err)
        say_text("error", err == -ERR_IO ? "the file cannot be written, or the disk is full"
                                         : "the recording has no picture or no sound");
    else
        say_duration("done", manifest_duration_ms(&m));
    manifest_fini(&m);
    return err;
}

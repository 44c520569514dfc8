#include "server/jobs/filming.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/jobs/box.h"
#include "server/jobs/filmout.h"
#include "server/jobs/run.h"

enum {
    PROBE_CPU_S = 30,
    MEMORY_BYTES = 2000 << 20, /* of addresses: threads reserve more than they use */
    FILE_BYTES = 1 << 30,      /* of a segment */
    LIST_MAX = 4 << 20,
    OPTION_MAX = 64,
    ARGS_MAX = RUN_ARGS_MAX - 2 /* the program, and NULL */
};
/* What the file may be. Lists of other files and network addresses are none of it. */
#define CONTAINERS "-protocol_whitelist", "file", "-format_whitelist", "mov,matroska"

struct args {
    const char *v[ARGS_MAX + 1];
    size_t n;
};
struct making {
    const struct filming *p;
    char dir[UPLOAD_DIR_MAX], work[UPLOAD_PATH_MAX], src[UPLOAD_PATH_MAX];
    struct filmout out;
    bool is_full; /* the disk */
};

static void add(struct args *a, const char *const *words) {
    for (; *words; words++) {
        assert(a->n < ARGS_MAX); /* so many are written below */
        a->v[a->n++] = *words;
    }
}
#define ADD(a, ...) add(a, (const char *const[]){__VA_ARGS__, NULL})

static void on_probe(void *arg, struct str line) { filmout_line(&((struct making *)arg)->out, line); }

static void on_progress(void *arg, struct str line) {
    struct making *m = arg;
    struct statvfs disk;
    int64_t ms;
    if (!filmout_progress(line, &ms))
        return;
    if (m->out.length_ms > 0)
        m->p->progress(m->p->arg, ms >= m->out.length_ms ? 99 : ms * 99 / m->out.length_ms);
    m->is_full = !statvfs(m->dir, &disk) &&
                 (int64_t)(disk.f_bavail * disk.f_frsize) < upload_rules(UPLOAD_VIDEO)->disk_keep / 2;
}

/* A child of its own for either program. -ERR_BUSY, or -ERR_INVALID with *why when it failed or was stopped.
 */
static int child(struct making *m, const char *name, const struct args *a, const struct box *box,
                 enum upload_why *why) {
    char program[UPLOAD_PATH_MAX], text[RUN_TEXT_MAX];
    int status = 0;
    struct run r = {.argv = {program},
                    .stop_fd = m->p->stop_fd,
                    .idle = true,
                    .with_stderr = true,
                    .box = box,
                    .silence_ms = m->p->silence_ms,
                    .stop_ms = 500,
                    .line = box->write ? on_progress : on_probe,
                    .arg = m,
                    .enough = &m->is_full,
                    .status = &status};
    snprintf(program, sizeof program, "%s/%s", m->p->bin, name);
    for (size_t i = 0; i < a->n; i++)
        r.argv[i + 1] = a->v[i];
    int err = run_child(&r, text);
    if (!err || err == -ERR_BUSY)
        return err;
    LOG_INFO("video: %s of clip=%s: %s", name, m->p->clip->id, text);
    if (status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == RUN_NO_PROGRAM)
        return -ERR_IO; /* not installed: no fault of the file's */
    *why = m->is_full ? UPLOAD_SPACE : status == -1 || WIFSIGNALED(status) ? UPLOAD_HEAVY : UPLOAD_BROKEN;
    return -ERR_INVALID;
}

static int probe(struct making *m, enum upload_why *why) {
    struct args a = {.n = 0};
    const struct box box = {
        .read = m->src, .threads = true, .cpu_s = PROBE_CPU_S, .memory_bytes = MEMORY_BYTES, .file_bytes = 1};
    ADD(&a, "-v", "error", CONTAINERS, "-of", "default", "-show_entries",
        "stream=index,codec_type,codec_name,profile,pix_fmt,width,height,channels,sample_rate"
        ":stream_side_data=rotation:stream_disposition=attached_pic:format=duration,bit_rate",
        m->src);
    int err = child(m, "ffprobe", &a, &box, why);
    if (err)
        return err;
    *why = filmout_judge(&m->out);
    return *why ? -ERR_INVALID : 0;
}

/* What is not shown as it is fits into 1280x720, upright, 30 pictures a second, a key picture a segment. */
static void add_video(struct args *a, bool copy) {
    if (copy)
        ADD(a, "-c:v", "copy");
    else
        ADD(a, "-c:v", "libx264", "-preset", "superfast", "-crf", "23", "-maxrate", "3M", "-bufsize", "6M",
            "-profile:v", "main", "-threads:v", "1", "-pix_fmt", "yuv420p", "-fpsmax", "30",
            "-force_key_frames", "expr:gte(t,n_forced*4)", "-vf",
            "scale=trunc(iw*sar/2)*2:trunc(ih/2)*2,setsar=1,"
            "scale=w=min(1280\\,iw):h=min(720\\,ih):force_original_aspect_ratio=decrease:force_divisible_by="
            "2");
    _Static_assert(FILMING_SEGMENT_S == 4, "as in the key pictures");
}

static int encode(struct making *m, bool copy, enum upload_why *why) {
    struct args a = {.n = 0};
    char video[OPTION_MAX], audio[OPTION_MAX], longest[OPTION_MAX], files[UPLOAD_PATH_MAX + 32],
        list[UPLOAD_PATH_MAX + 32];
    int64_t length_s = (m->out.length_ms ? m->out.length_ms : FILMOUT_LENGTH_MAX_MS) / 1000;
    const struct box box = {.read = m->src,
                            .write = m->work,
                            .threads = true,
                            .cpu_s = FILMING_CPU_S + FILMING_SECOND_CPU * (unsigned)length_s,
                            .memory_bytes = MEMORY_BYTES,
                            .file_bytes = FILE_BYTES};
    snprintf(video, sizeof video, "0:%llu", (unsigned long long)m->out.video.index);
    snprintf(audio, sizeof audio, "0:%llu", (unsigned long long)m->out.audio.index);
    snprintf(longest, sizeof longest, "%d", FILMOUT_LENGTH_MAX_MS / 1000 + 1);
    snprintf(files, sizeof files, "%s/%%v-%%05d.m4s", m->work);
    snprintf(list, sizeof list, "%s/%%v.m3u8", m->work);
    ADD(&a, "-nostdin", "-hide_banner", "-v", "error", "-nostats", "-progress", "pipe:1", "-filter_threads",
        "1", "-threads", "1", CONTAINERS, "-i", m->src);
    if (!m->out.audio.is_there) /* a lesson that is all silence: who hears alone hears that */
        ADD(&a, "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo", "-shortest");
    ADD(&a, "-map", video, "-map", m->out.audio.is_there ? audio : "1:0", "-sn", "-dn", "-map_metadata", "-1",
        "-t", longest);
    add_video(&a, copy);
    if (copy && filmout_may_copy_audio(&m->out))
        ADD(&a, "-c:a", "copy");
    else
        ADD(&a, "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000", "-af", "aresample=async=1");
    ADD(&a, "-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
        "-hls_segment_filename", files, "-hls_fmp4_init_filename", "%v-init.mp4", "-master_pl_name",
        "index.m3u8", "-var_stream_map",
        "v:0,agroup:audio,name:program a:0,agroup:audio,default:yes,name:audio", list);
    return child(m, "ffmpeg", &a, &box, why);
}

static bool read_list(const struct making *m, const char *name, int64_t *length_ms, int64_t *longest_ms) {
    char path[UPLOAD_PATH_MAX + 32];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", m->work, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size <= LIST_MAX;
    char *text = mem_zalloc(ok ? (size_t)st.st_size + 1 : 1);
    ok = ok && read(fd, text, (size_t)st.st_size) == st.st_size &&
         filmout_list((struct str){text, (size_t)st.st_size}, length_ms, longest_ms);
    mem_free(text);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* What is too long between two key pictures, or grew past what may be, the lists tell. */
static int judge(const struct making *m, bool *is_coarse, int64_t *length_ms, enum upload_why *why) {
    int64_t video, audio, longest, ignored, said = m->out.length_ms;
    *why = UPLOAD_BROKEN;
    if (!read_list(m, "program.m3u8", &video, &longest) || !read_list(m, "audio.m3u8", &audio, &ignored))
        return -ERR_INVALID;
    *is_coarse = longest > FILMING_SEGMENT_MAX_MS;
    *length_ms = video > audio ? video : audio;
    int64_t missed = said - *length_ms;
    *why = *length_ms > FILMOUT_LENGTH_MAX_MS                   ? UPLOAD_LONG
           : missed > FILMING_CUT_MS && missed > said * 2 / 100 ? UPLOAD_CUT
                                                                : UPLOAD_FINE;
    return *why ? -ERR_INVALID : 0;
}

static int try_once(struct making *m, bool copy, bool *is_coarse, int64_t *length_ms, enum upload_why *why) {
    *is_coarse = false;
    upload_remove_work(m->p->data, m->p->clip);
    if (mkdir(m->work, 0700))
        return -ERR_IO;
    int err = encode(m, copy, why);
    return err ? err : judge(m, is_coarse, length_ms, why);
}

static int make(struct making *m, int64_t *length_ms, enum upload_why *why) {
    char hls[UPLOAD_PATH_MAX];
    int err = probe(m, why);
    bool copy = !err && filmout_may_copy_video(&m->out), is_coarse = false;
    if (!err)
        err = try_once(m, copy, &is_coarse, length_ms, why);
    /* What could not be taken as it is may be read all the same. */
    if (copy && (is_coarse || (err == -ERR_INVALID && *why == UPLOAD_BROKEN)))
        err = try_once(m, false, &is_coarse, length_ms, why);
    if (err)
        return err;
    snprintf(hls, sizeof hls, "%s/%s.hls", m->dir, m->p->clip->id);
    if (rename(m->work, hls))
        return -ERR_IO;
    m->p->progress(m->p->arg, 100);
    return 0;
}

int filming_make(const struct filming *p, int64_t *length_ms, enum upload_why *why) {
    struct making *m = mem_zalloc(sizeof *m);
    m->p = p;
    *why = UPLOAD_FINE;
    *length_ms = 0;
    int err = upload_dir(p->data, p->clip->event, UPLOAD_VIDEO, m->dir);
    if (!err)
        err = upload_path(p->data, p->clip, m->src);
    if (!err) {
        snprintf(m->work, sizeof m->work, "%s/%s.work", m->dir, p->clip->id);
        err = make(m, length_ms, why);
        if (err)
            upload_remove_work(p->data, p->clip);
    }
    if (err == -ERR_INVALID)
        upload_remove_files(p->data, p->clip);
    mem_free(m);
    return err;
}

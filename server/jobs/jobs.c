#include "server/jobs/jobs.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/json.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/catalogue/job.h"
#include "server/catalogue/lesson.h"
#include "server/catalogue/recdir.h"
#include "server/catalogue/signin.h"
#include "server/catalogue/signup.h"
#include "server/jobs/run.h"
#include "server/store/datadir.h"

struct jobs {
    struct jobs_cfg cfg;
    struct store *store; /* the thread's own */
    pthread_t thread;
    int wake_fd, stop_fd;
    int64_t swept_ms;
};
/* What the lines of a running child are for. */
struct following {
    struct store *store;
    int64_t job, percent;
    char text[JOB_TEXT_MAX + 1]; /* its own word for what went wrong */
};

static void on_line(void *arg, struct str line) {
    struct following *f = arg;
    struct json *j = NULL;
    struct str type, text;
    int64_t percent = 0;
    if (json_parse(&j, line) < 0)
        return;
    if (json_get_str(j, "type", &type)) {
        if (str_is(type, "progress") && json_get_int(j, "percent", &percent) && percent > f->percent) {
            f->percent = percent;
            (void)job_progress(f->store, f->job, percent); /* the next line makes up for a busy database */
        } else if (str_is(type, "error") && json_get_str(j, "text", &text)) {
            (void)STR_COPY(f->text, text);
        }
    }
    json_free(j);
}

static int finish_lesson(struct jobs *j, const struct job *job) {
    size_t n = 0;
    char *manifest = recdir_read(j->cfg.data_dir, job->event, RECDIR_MANIFEST, &n);
    if (!manifest)
        return -ERR_MISSING;
    int err =
        lesson_publish(j->store, j->cfg.data_dir, job->event, (struct str){manifest, n}, clock_wall_ms());
    mem_free(manifest);
    return err;
}

static int take_result(struct jobs *j, const struct job *job) {
    if (job->kind == JOB_FINISH)
        return finish_lesson(j, job);
    struct lesson_download d = {.bytes = 0};
    (void)STR_COPY(d.kind, str_of(job_kind_name(job->kind)));
    (void)STR_COPY(d.file, job->kind == JOB_MP4 ? STR(LESSON_MP4) : STR(LESSON_POSTER));
    d.bytes = recdir_size(j->cfg.data_dir, job->event, d.file);
    return d.bytes <= 0 ? -ERR_MISSING : lesson_add_download(j->store, job->event, &d);
}

static int run_job(struct jobs *j, const struct job *job, char why[RUN_TEXT_MAX]) {
    char dir[DATADIR_PATH_MAX + 64], out[DATADIR_PATH_MAX + 160];
    if (job->kind == JOB_KIND_COUNT || datadir_rec(j->cfg.data_dir, job->event, dir) < 0) {
        snprintf(why, RUN_TEXT_MAX, "This server does not know such a job.");
        return -ERR_UNSUPPORTED;
    }
    snprintf(out, sizeof out, "%s/%s", dir, job->kind == JOB_MP4 ? LESSON_MP4 : LESSON_POSTER);
    struct following f = {.store = j->store, .job = job->id};
    struct run r = {
        .argv = {j->cfg.pipe_path, job_kind_name(job->kind), dir, job->kind == JOB_FINISH ? NULL : out},
        .stop_fd = j->stop_fd,
        .idle = job->kind != JOB_FINISH, /* somebody waits for that one */
        .silence_ms = JOBS_SILENCE_MS,
        .stop_ms = JOBS_STOP_MS,
        .line = on_line,
        .arg = &f};
    int err = run_child(&r, why);
    if (err && f.text[0])
        snprintf(why, RUN_TEXT_MAX, "%s", f.text);
    if (err)
        return err;
    err = take_result(j, job);
    if (err)
        snprintf(why, RUN_TEXT_MAX, "The result could not be used: %s.", err_text(err));
    return err;
}

/* The event may have been deleted meanwhile; then so is its job, and what the child wrote since goes too. */
static void forget_orphan(struct jobs *j, const struct job *job) {
    struct arena a;
    struct meeting m;
    arena_init(&a, (size_t)1 << 20);
    if (meeting_get(j->store, str_of(job->event), &a, &m) == -ERR_MISSING)
        (void)recdir_remove(j->cfg.data_dir, job->event);
    arena_fini(&a);
}

static void do_job(struct jobs *j, const struct job *job) {
    char why[RUN_TEXT_MAX];
    int err = run_job(j, job, why);
    bool final = false;
    if (!err) {
        err = job_done(j->store, job->id);
        LOG_INFO("job done kind=%s event=%s", job_kind_name(job->kind), job->event);
    } else if (err == -ERR_BUSY) {
        err = job_return(j->store, clock_wall_ms());
    } else {
        LOG_WARN("job failed kind=%s event=%s try=%lld text=\"%s\"",
                 job->kind < JOB_KIND_COUNT ? job_kind_name(job->kind) : "?", job->event,
                 (long long)job->attempts, why);
        err = job_failed(j->store, job, str_of(why), clock_wall_ms(), &final);
        if (!err && final && job->kind == JOB_FINISH)
            err = lesson_failed(j->store, job->event);
    }
    if (err)
        LOG_ERROR("job's outcome not noted event=%s err=%s", job->event, err_wire(err));
    forget_orphan(j, job);
}

static bool stopping(const struct jobs *j) {
    struct pollfd p = {.fd = j->stop_fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

static void rest(struct jobs *j) {
    int64_t ms = job_next_ms(j->store) - clock_wall_ms();
    ms = ms < 100 ? 100 : ms > JOBS_SWEEP_MS ? JOBS_SWEEP_MS : ms;
    struct pollfd p[2] = {{.fd = j->wake_fd, .events = POLLIN}, {.fd = j->stop_fd, .events = POLLIN}};
    uint64_t n;
    if (poll(p, 2, (int)ms) > 0 && p[0].revents)
        (void)!read(j->wake_fd, &n, sizeof n);
}

static void *thread_main(void *arg) {
    struct jobs *j = arg;
    while (!stopping(j)) {
        struct job job;
        int64_t now_ms = clock_wall_ms();
        if (now_ms - j->swept_ms >= JOBS_SWEEP_MS) {
            j->swept_ms = now_ms;
            (void)signin_sweep(j->store, now_ms);
            (void)signup_sweep(j->store, now_ms);
        }
        if (job_lease(j->store, now_ms, &job) > 0)
            do_job(j, &job);
        else
            rest(j);
    }
    return NULL;
}

static void jobs_free(struct jobs *j) {
    store_close(j->store);
    if (j->wake_fd >= 0)
        close(j->wake_fd);
    if (j->stop_fd >= 0)
        close(j->stop_fd);
    mem_free((char *)(uintptr_t)j->cfg.db_path);
    mem_free((char *)(uintptr_t)j->cfg.data_dir);
    mem_free((char *)(uintptr_t)j->cfg.pipe_path);
    mem_free(j);
}

int jobs_open(struct jobs **out, const struct jobs_cfg *cfg) {
    struct jobs *j = mem_zalloc(sizeof *j);
    j->cfg =
        (struct jobs_cfg){mem_strdup(cfg->db_path), mem_strdup(cfg->data_dir), mem_strdup(cfg->pipe_path)};
    j->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    j->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int err = j->wake_fd < 0 || j->stop_fd < 0 ? -ERR_IO : store_open(&j->store, j->cfg.db_path, false);
    if (!err)
        err = job_return(j->store, clock_wall_ms());
    if (!err && pthread_create(&j->thread, NULL, thread_main, j))
        err = -ERR_IO;
    if (err) {
        jobs_free(j);
        return err;
    }
    *out = j;
    return 0;
}

void jobs_wake(struct jobs *j) {
    uint64_t one = 1;
    (void)!write(j->wake_fd, &one, sizeof one);
}

void jobs_close(struct jobs *j) {
    if (!j)
        return;
    uint64_t one = 1;
    (void)!write(j->stop_fd, &one, sizeof one);
    pthread_join(j->thread, NULL);
    jobs_free(j);
}

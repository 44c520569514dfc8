#include "server/app/capture.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/fd.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "media/base/pcapng.h"
#include "server/app/parts.h"

/* On its way to the disk. */
struct writing {
    struct pool_task task;
    struct pcapng *packets;
    char dir[DATADIR_PATH_MAX + 16], path[DATADIR_PATH_MAX + EFFECT_CAPTURE_FILE];
    int err;
};

static struct capture_job *job_of(struct app *a, uint64_t peer) {
    for (size_t i = 0; i < CAPTURE_AT_ONCE; i++)
        if (a->capture.jobs[i].peer == peer)
            return &a->capture.jobs[i];
    return NULL;
}

void capture_begin(struct app *a, const struct effect *e) {
    enum media_peer_kind kind = e->capture.is_view ? MEDIA_VIEW : MEDIA_PUBLISH;
    uint64_t peer = hub_peer(a->hub, e->room, e->capture.member, kind);
    struct capture_job *job = peer && !job_of(a, peer) ? job_of(a, 0) : NULL;
    int err = !peer ? -ERR_MISSING : !job ? -ERR_BUSY : media_peer_capture(a->media, peer, e->capture.ms);
    LOG_WARN("audit: a connection is looked into by=u%lld room=%s member=%s kind=%s ms=%u result=%s",
             (long long)e->user, e->room, e->capture.member, e->capture.is_view ? "view" : "publish",
             e->capture.ms, err ? err_wire(err) : "begun");
    if (err)
        return;
    job->peer = peer;
    effect_capture_file(e, job->file);
}

static void run_write(struct pool_task *t, void *ctx) {
    struct writing *w = container_of(t, struct writing, task);
    (void)ctx;
    mkdir(w->dir, 0700);
    int fd = open(w->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    w->err = fd < 0 ? -ERR_IO : fd_write_all(fd, (struct bytes){w->packets->file, w->packets->n});
    if (fd >= 0)
        close(fd);
}

static void done_write(struct pool_task *t) {
    struct writing *w = container_of(t, struct writing, task);
    LOG_WARN("audit: what was seen of a connection is kept file=%s packets=%llu left_out=%llu result=%s",
             w->path, (unsigned long long)w->packets->kept, (unsigned long long)w->packets->left_out,
             w->err ? err_wire(w->err) : "ok");
    mem_free(w->packets);
    mem_free(w);
}

void capture_end(struct app *a, struct media_event *e) {
    struct capture_job *job = job_of(a, e->peer);
    struct writing *w = mem_zalloc(sizeof *w);
    w->packets = (struct pcapng *)(void *)e->text;
    e->text = NULL;
    snprintf(w->dir, sizeof w->dir, "%s/captures", a->data.path);
    snprintf(w->path, sizeof w->path, "%s/%s", a->data.path, job ? job->file : "captures/unknown.pcapng");
    if (job)
        job->peer = 0;
    w->task.run = run_write;
    w->task.done = done_write;
    if (pool_put_owed(a->pool, &w->task)) {
        w->err = -ERR_BUSY;
        done_write(&w->task);
    }
}

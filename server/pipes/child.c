#include "server/pipes/child.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"

struct child {
    uv_process_t process;
    uv_pipe_t in, out;
    uv_shutdown_t ending;
    uv_timer_t limit; /* of the ending */
    struct child_ops ops;
    char line[CHILD_LINE_MAX];
    size_t line_n;
    unsigned handles; /* not yet closed; the exit is reported when all are */
    bool exited, out_ended, is_ending;
    int64_t status;
    int signal;
};

struct line_write {
    uv_write_t req;
    char text[];
};

static void settle(struct child *c);

static void on_closed(uv_handle_t *h) {
    struct child *c = h->data;
    if (--c->handles == 0) {
        struct child_ops ops = c->ops;
        int status = (int)c->status, sig = c->signal;
        mem_free(c);
        ops.on_exit(ops.arg, status, sig);
    }
}

static void close_handle(uv_handle_t *h) {
    if (!uv_is_closing(h))
        uv_close(h, on_closed);
}

/* The exit counts only once its last words were read, so that "ended" is never lost to a race. */
static void settle(struct child *c) {
    if (!c->exited || !c->out_ended)
        return;
    close_handle((uv_handle_t *)&c->process);
    close_handle((uv_handle_t *)&c->in);
    close_handle((uv_handle_t *)&c->out);
    close_handle((uv_handle_t *)&c->limit);
}

static void on_exit(uv_process_t *p, int64_t status, int sig) {
    struct child *c = p->data;
    c->exited = true;
    c->status = status;
    c->signal = sig;
    uv_kill(-p->pid, SIGKILL); /* what it left behind would keep its end open */
    settle(c);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf) {
    (void)hint;
    struct child *c = h->data;
    *buf = uv_buf_init(c->line + c->line_n, (unsigned)(sizeof c->line - c->line_n));
}

static void take_lines(struct child *c) {
    size_t from = 0;
    for (char *nl; (nl = memchr(c->line + from, '\n', c->line_n - from)) != NULL;) {
        struct str line = {c->line + from, (size_t)(nl - c->line) - from};
        from = (size_t)(nl - c->line) + 1;
        if (line.n)
            c->ops.on_line(c->ops.arg, line);
    }
    memmove(c->line, c->line + from, c->line_n - from);
    c->line_n -= from;
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf) {
    (void)buf;
    struct child *c = s->data;
    if (n < 0) {
        c->out_ended = true;
        uv_read_stop(s);
        settle(c);
        return;
    }
    c->line_n += (size_t)n;
    take_lines(c);
    if (c->line_n == sizeof c->line) {
        LOG_ERROR("pipe child line over %d bytes, killing it pid=%d", CHILD_LINE_MAX, c->process.pid);
        c->line_n = 0;
        child_kill(c, SIGKILL);
    }
}

static void close_fd(int fd) {
    if (fd >= 0)
        close(fd);
}

static uv_stdio_container_t inherited(int fd) {
    return fd >= 0 ? (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = fd}
                   : (uv_stdio_container_t){.flags = UV_IGNORE};
}

int child_open(struct child **out, struct uv_loop_s *loop, const struct child_cfg *cfg,
               struct child_ops ops) {
    struct child *c = mem_zalloc(sizeof *c);
    c->ops = ops;
    uv_pipe_init(loop, &c->in, 0);
    uv_pipe_init(loop, &c->out, 0);
    uv_timer_init(loop, &c->limit);
    c->in.data = c->out.data = c->process.data = c->limit.data = c->ending.data = c;
    c->handles = 3;
    uv_stdio_container_t stdio[5] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&c->in},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->out},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
        inherited(cfg->fd3),
        inherited(cfg->fd4),
    };
    uv_process_options_t o = {
        .exit_cb = on_exit,
        .file = cfg->argv[0],
        .args = (char **)cfg->argv,
        .env = (char **)cfg->env,
        .flags = UV_PROCESS_DETACHED, /* a session of its own: Ctrl-C is the server's to hear */
        .stdio = stdio,
        .stdio_count = cfg->fd4 >= 0   ? 5
                       : cfg->fd3 >= 0 ? 4
                                       : 3,
    };
    int rc = uv_spawn(loop, &c->process, &o);
    close_fd(cfg->fd3);
    close_fd(cfg->fd4);
    c->handles++; /* uv_spawn initialises the handle even when it fails */
    if (rc) {
        LOG_ERROR("cannot start %s: %s", cfg->argv[0], uv_strerror(rc));
        c->exited = c->out_ended = true;
        c->status = 127;
        *out = c;
        settle(c);
        return 0;
    }
    if (cfg->low_priority)
        setpriority(PRIO_PROCESS, (id_t)c->process.pid, 19);
    uv_read_start((uv_stream_t *)&c->out, on_alloc, on_read);
    *out = c;
    return 0;
}

static void on_written(uv_write_t *req, int status) {
    (void)status; /* a broken pipe shows as the exit */
    mem_free(container_of(req, struct line_write, req));
}

static char *write_begin(size_t n) {
    struct line_write *w = mem_zalloc(sizeof *w + n);
    return w->text;
}

static void write_end(struct child *c, char *text, size_t n) {
    struct line_write *w = container_of(text, struct line_write, text[0]);
    uv_buf_t b = uv_buf_init(text, (unsigned)n);
    if (uv_write(&w->req, (uv_stream_t *)&c->in, &b, 1, on_written))
        mem_free(w);
}

static bool takes_more(const struct child *c) {
    return !c->exited && !c->is_ending && !uv_is_closing((const uv_handle_t *)&c->in);
}

void child_write(struct child *c, struct str line) {
    if (!takes_more(c))
        return;
    if (uv_stream_get_write_queue_size((uv_stream_t *)&c->in) + line.n > CHILD_INPUT_MAX) {
        LOG_ERROR("pipe child does not read its input, killing it pid=%d", c->process.pid);
        child_kill(c, SIGKILL);
        return;
    }
    char *text = write_begin(line.n + 1);
    memcpy(text, line.p, line.n);
    text[line.n] = '\n';
    write_end(c, text, line.n + 1);
}

bool child_feed(struct child *c, struct bytes bytes) {
    if (!takes_more(c) || uv_stream_get_write_queue_size((uv_stream_t *)&c->in) + bytes.n > CHILD_FEED_MAX)
        return false;
    char *text = write_begin(bytes.n);
    memcpy(text, bytes.p, bytes.n);
    write_end(c, text, bytes.n);
    return true;
}

static void on_delivered(uv_shutdown_t *req, int status) {
    struct child *c = req->data;
    (void)status;
    uv_timer_stop(&c->limit);
    close_handle((uv_handle_t *)&c->in);
}

static void on_limit(uv_timer_t *t) {
    struct child *c = t->data;
    LOG_WARN("a child did not read the end of its input pid=%d bytes=%zu", c->process.pid,
             uv_stream_get_write_queue_size((uv_stream_t *)&c->in));
    close_handle((uv_handle_t *)&c->in);
}

/* To close at once would throw away what it has not read yet. */
void child_end(struct child *c) {
    if (!takes_more(c))
        return;
    c->is_ending = true;
    if (uv_shutdown(&c->ending, (uv_stream_t *)&c->in, on_delivered))
        close_handle((uv_handle_t *)&c->in);
    else
        uv_timer_start(&c->limit, on_limit, CHILD_END_MS, 0);
}

void child_kill(struct child *c, int sig) {
    if (!c->exited)
        uv_kill(-c->process.pid, sig); /* with whatever it has started itself */
}

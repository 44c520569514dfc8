#include "server/jobs/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "server/jobs/box.h"

enum {
    /* linux/ioprio.h, which Debian's libc headers do not offer: who = process, class idle */
    IOPRIO_PROCESS = 1,
    IOPRIO_IDLE = 3 << 13
};

struct lines {
    char text[RUN_LINE_MAX];
    size_t n;
    bool skip; /* the rest of a line that is too long */
};

/* Between fork and exec: async-signal-safe calls only. */
__attribute__((noreturn)) static void become(const struct run *r, int out_fd, int null_fd, pid_t parent) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0); /* so that it is ended with whatever it has started itself */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(RUN_NO_PROGRAM);
    if (r->idle) {
        setpriority(PRIO_PROCESS, 0, 19);
        syscall(SYS_ioprio_set, IOPRIO_PROCESS, 0, IOPRIO_IDLE);
    }
    if (dup2(null_fd, 0) >= 0 && dup2(out_fd, 1) >= 0 && (!r->with_stderr || dup2(out_fd, 2) >= 0)) {
        (void)syscall(SYS_close_range, 3u, ~0u, 0u);
        if (!r->box || !box_enter(r->box))
            execv(r->argv[0], (char *const *)(uintptr_t)r->argv);
    }
    _exit(RUN_NO_PROGRAM);
}

static void on_bytes(const struct run *r, struct lines *l, const char *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\n') {
            if (!l->skip && l->n)
                r->line(r->arg, (struct str){l->text, l->n});
            l->n = 0;
            l->skip = false;
        } else if (l->n < sizeof l->text) {
            l->text[l->n++] = p[i];
        } else {
            l->skip = true;
        }
    }
}

/* Reads until the child closes its stdout (0), asks to be stopped (-ERR_BUSY) or falls silent (-ERR_IO). */
static int follow(const struct run *r, int fd) {
    struct lines l = {.n = 0};
    char bytes[RUN_LINE_MAX];
    for (;;) {
        struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = r->stop_fd, .events = POLLIN}};
        int rc = poll(p, 2, r->silence_ms);
        if (rc < 0 && errno == EINTR)
            continue;
        if (rc <= 0)
            return -ERR_IO;
        if (p[1].revents)
            return -ERR_BUSY;
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n == 0 || (n < 0 && errno != EINTR))
            return 0;
        if (n > 0)
            on_bytes(r, &l, bytes, (size_t)n);
        if (r->enough && *r->enough)
            return -ERR_IO;
    }
}

static int wait_for(pid_t pid, int timeout_ms, int *status) {
    int64_t until_us = clock_mono_us() + (int64_t)timeout_ms * 1000;
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    for (int64_t left = timeout_ms; fd >= 0 && left > 0; left = (until_us - clock_mono_us()) / 1000) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, (int)left) > 0)
            break;
    }
    pid_t got = waitpid(pid, status, fd >= 0 ? WNOHANG : 0);
    if (fd >= 0)
        close(fd);
    return got == pid ? 0 : -ERR_BUSY;
}

static int judge(int err, int status, const char *program, char why[RUN_TEXT_MAX]) {
    if (err == -ERR_BUSY)
        return err;
    if (err)
        snprintf(why, RUN_TEXT_MAX, "The program fell silent and was stopped.");
    else if (WIFSIGNALED(status))
        snprintf(why, RUN_TEXT_MAX, "The program was killed by signal %d.", WTERMSIG(status));
    else if (WEXITSTATUS(status) == RUN_NO_PROGRAM)
        snprintf(why, RUN_TEXT_MAX, "Cannot run %.200s.", program);
    else if (WEXITSTATUS(status))
        snprintf(why, RUN_TEXT_MAX, "The program ended with status %d.", WEXITSTATUS(status));
    else
        return 0;
    return -ERR_IO;
}

int run_child(const struct run *r, char why[RUN_TEXT_MAX]) {
    int out[2], null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    why[0] = 0;
    if (null_fd < 0 || pipe2(out, O_CLOEXEC) < 0) {
        if (null_fd >= 0)
            close(null_fd);
        return -ERR_IO;
    }
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(r, out[1], null_fd, parent);
    close(out[1]);
    close(null_fd);
    if (pid > 0)
        setpgid(pid, pid); /* whoever comes first */
    if (pid < 0) {
        close(out[0]);
        snprintf(why, RUN_TEXT_MAX, "No process could be started.");
        return -ERR_IO;
    }
    int status = 0, err = follow(r, out[0]);
    if (err)
        kill(-pid, SIGTERM);
    /* A child that closed its stdout has its own end to come to, within the same patience. */
    if (wait_for(pid, err ? r->stop_ms : r->silence_ms, &status) < 0) {
        kill(-pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    close(out[0]);
    if (r->status)
        *r->status = err ? -1 : status;
    return judge(err, status, r->argv[0], why);
}

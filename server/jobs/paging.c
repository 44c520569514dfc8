#include "server/jobs/paging.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/jobs/box.h"
#include "server/jobs/pdfout.h"
#include "server/jobs/run.h"

enum { MEMORY_BYTES = 1 << 30, FILE_BYTES = 4 << 20, SNIFF = 1024, NAME_MAX_BYTES = 32, JSON_MAX = 8 << 20 };

struct making {
    const struct paging *p;
    char dir[UPLOAD_DIR_MAX], work[UPLOAD_PATH_MAX], pdf[UPLOAD_PATH_MAX];
    struct pdfout out;
    int64_t from, to; /* percent of this child's pages */
};

static void on_info(void *arg, struct str line) { pdfout_info(&((struct making *)arg)->out, line); }

static void on_page(void *arg, struct str line) {
    struct making *m = arg;
    uint64_t page;
    if (pdfout_progress(line, &page) && m->out.pages)
        m->p->progress(m->p->arg, m->from + (m->to - m->from) * (int64_t)page / (int64_t)m->out.pages);
}

/* A child of its own for every program. -ERR_BUSY, or -ERR_INVALID when it failed or was stopped. */
static int child(struct making *m, const char *name, const char *const *args,
                 void (*line)(void *arg, struct str line)) {
    char program[UPLOAD_PATH_MAX], why[RUN_TEXT_MAX];
    const struct box box = {.read = m->pdf,
                            .write = m->work,
                            .cpu_s = PAGING_CPU_S + PAGING_PAGE_CPU_S * (unsigned)m->out.pages,
                            .memory_bytes = MEMORY_BYTES,
                            .file_bytes = FILE_BYTES};
    struct run r = {.argv = {program},
                    .stop_fd = m->p->stop_fd,
                    .with_stderr = true,
                    .box = &box,
                    .silence_ms = m->p->silence_ms,
                    .stop_ms = 500,
                    .line = line,
                    .arg = m};
    snprintf(program, sizeof program, "%s/%s", m->p->bin, name);
    for (size_t i = 0; args[i] && i + 2 < RUN_ARGS_MAX; i++)
        r.argv[i + 1] = args[i];
    int err = run_child(&r, why);
    if (err && err != -ERR_BUSY)
        LOG_INFO("pages: %s of deck=%s: %s", name, m->p->deck->id, why);
    return !err || err == -ERR_BUSY ? err : -ERR_INVALID;
}

/* What it begins with: a PDF somewhere in the first kilobyte (ISO 32000-1, annex H), or a document of an
 * office. */
static enum upload_why sniff(const char *path) {
    char head[SNIFF];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof head);
    if (fd >= 0)
        close(fd);
    if (n > 5 && memmem(head, (size_t)n, "%PDF-", 5))
        return UPLOAD_FINE;
    bool office = n > 4 && (!memcmp(head, "PK\3\4", 4) || !memcmp(head, "\xD0\xCF\x11\xE0", 4));
    return office ? UPLOAD_OFFICE : UPLOAD_BROKEN;
}

static int read_info(struct making *m, enum upload_why *why) {
    const char *const args[] = {"-f", "1", "-l", "200", m->pdf, NULL};
    _Static_assert(DECK_PAGES_MAX == 200, "as said to pdfinfo");
    int err = child(m, "pdfinfo", args, on_info);
    if (err == -ERR_BUSY)
        return err;
    *why = m->out.is_locked                ? UPLOAD_LOCKED
           : err || !m->out.pages          ? UPLOAD_BROKEN
           : m->out.pages > DECK_PAGES_MAX ? UPLOAD_PAGES
                                           : UPLOAD_FINE;
    return *why ? -ERR_INVALID : 0;
}

static void nothing(void *arg, struct str line) { (void)arg, (void)line; }

static char *read_text(const char *path, struct str *out) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    *out = (struct str){"", 0};
    if (fd < 0)
        return NULL;
    size_t max = fstat(fd, &st) || st.st_size > PAGING_TEXT_MAX ? PAGING_TEXT_MAX : (size_t)st.st_size, n = 0;
    char *text = mem_zalloc(max + 1);
    for (ssize_t got; n < max && (got = read(fd, text + n, max - n)) > 0;)
        n += (size_t)got;
    close(fd);
    *out = (struct str){text, n};
    return text;
}

static int write_document(const struct making *m, const char *path, struct str text) {
    struct json *j = pdfout_document(&m->out, text);
    struct buf b;
    buf_init(&b, JSON_MAX);
    json_write(j, &b);
    json_free(j);
    FILE *f = b.over ? NULL : fopen(path, "wxe");
    bool ok = f && fwrite(b.p, 1, b.n, f) == b.n;
    ok = f && fclose(f) == 0 && ok;
    buf_fini(&b);
    return ok ? 0 : -ERR_IO;
}

/* What is written on the pages, for who cannot see them. A PDF without any is as good. */
static int make_text(struct making *m) {
    char out[UPLOAD_PATH_MAX + 8], doc[UPLOAD_PATH_MAX + 8];
    struct str text;
    snprintf(out, sizeof out, "%s/text", m->work);
    snprintf(doc, sizeof doc, "%s/json", m->work);
    const char *const args[] = {"-enc", "UTF-8", "-l", "200", m->pdf, out, NULL};
    int err = child(m, "pdftotext", args, nothing);
    if (err == -ERR_BUSY)
        return err;
    char *kept = read_text(out, &text);
    err = write_document(m, doc, text);
    mem_free(kept);
    return err;
}

static int make_pictures(struct making *m, const char *name, int px, const char *quality) {
    char out[UPLOAD_PATH_MAX + 8], side[16], last[24];
    snprintf(out, sizeof out, "%s/%s", m->work, name);
    snprintf(side, sizeof side, "%d", px);
    snprintf(last, sizeof last, "%llu", (unsigned long long)m->out.pages);
    const char *const args[] = {"-jpeg", "-jpegopt",  quality,     "-scale-to", side, "-l",
                                last,    "-forcenum", "-progress", m->pdf,      out,  NULL};
    return child(m, "pdftoppm", args, on_page);
}

/* pdftoppm pads the number to the width of the last one; ours have three digits. */
static int settle(const struct making *m, const char *name) {
    int width = m->out.pages > 99 ? 3 : m->out.pages > 9 ? 2 : 1;
    char from[UPLOAD_PATH_MAX + NAME_MAX_BYTES], to[UPLOAD_PATH_MAX + NAME_MAX_BYTES];
    for (unsigned i = 1; i <= m->out.pages; i++) {
        snprintf(from, sizeof from, "%s/%s-%0*u.jpg", m->work, name, width, i);
        snprintf(to, sizeof to, "%s/%s-%s%03u.jpg", m->dir, m->p->deck->id, name, i);
        if (rename(from, to))
            return errno == ENOENT ? -ERR_INVALID : -ERR_IO; /* a page that could not be drawn at all */
    }
    return 0;
}

static int put_in_place(const struct making *m) {
    char from[UPLOAD_PATH_MAX + NAME_MAX_BYTES], to[UPLOAD_PATH_MAX + NAME_MAX_BYTES];
    int err = settle(m, "t");
    if (!err)
        err = settle(m, "p");
    snprintf(from, sizeof from, "%s/json", m->work);
    snprintf(to, sizeof to, "%s/%s.json", m->dir, m->p->deck->id);
    if (!err && rename(from, to))
        err = -ERR_IO;
    snprintf(from, sizeof from, "%s/text", m->work);
    unlink(from);
    return err;
}

static int make(struct making *m, enum upload_why *why) {
    int err = read_info(m, why);
    if (!err)
        err = make_text(m);
    m->from = 0, m->to = 30;
    if (!err)
        err = make_pictures(m, "t", PAGING_SMALL_PX, "quality=70");
    m->from = 30, m->to = 100;
    if (!err)
        err = make_pictures(m, "p", PAGING_LARGE_PX, "quality=75");
    if (err == -ERR_INVALID && !*why)
        *why = UPLOAD_HEAVY; /* it could be read, and then was too much */
    if (err)
        return err;
    err = put_in_place(m);
    if (err == -ERR_INVALID)
        *why = UPLOAD_BROKEN;
    return err;
}

int paging_make(const struct paging *p, int64_t *pages, enum upload_why *why) {
    struct making *m = mem_zalloc(sizeof *m);
    m->p = p;
    *why = UPLOAD_FINE;
    int err = upload_dir(p->data, p->deck->event, UPLOAD_SLIDES, m->dir);
    if (!err) {
        snprintf(m->work, sizeof m->work, "%s/%s.work", m->dir, p->deck->id);
        snprintf(m->pdf, sizeof m->pdf, "%s/%s.pdf", m->dir, p->deck->id);
        upload_remove_work(p->data, p->deck); /* of a try that a crash ended */
        *why = sniff(m->pdf);
        err = *why ? -ERR_INVALID : mkdir(m->work, 0700) ? -ERR_IO : make(m, why);
        if (err)
            upload_remove_work(p->data, p->deck);
        else
            rmdir(m->work);
    }
    if (err == -ERR_INVALID)
        upload_remove_files(p->data, p->deck);
    *pages = (int64_t)m->out.pages;
    mem_free(m);
    return err;
}

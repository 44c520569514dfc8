#include "server/mail/post.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/catalogue/agenda.h"
#include "server/mail/letter.h"
#include "server/mail/mime.h"

enum { ARENA_MAX = 1 << 20, MESSAGE_MAX = 512 * 1024 };

struct post {
    struct post_cfg cfg;
    struct store *store; /* the thread's own */
    struct smtp *smtp;
    pthread_t thread;
    int wake_fd, stop_fd;
    int64_t looked_ms;
};

static bool state_of_kind(const char *kind, enum reg_state *out) {
    static const struct {
        const char *kind;
        enum reg_state state;
    } of_state[] = {{"invitation", REG_INVITED},     {"pending", REG_PENDING}, {"waiting", REG_WAITING},
                    {"confirmation", REG_CONFIRMED}, {"refusal", REG_REFUSED}, {"withdrawal", REG_CANCELLED}};
    for (size_t i = 0; i < countof(of_state); i++)
        if (!strcmp(kind, of_state[i].kind)) {
            *out = of_state[i].state;
            return true;
        }
    return false;
}

/* News that is none any more is not sent: somebody cancelled meanwhile, the event is over. */
static bool still_true(const char *kind, const struct registration *r, const struct meeting *m,
                       int64_t now_ms) {
    enum reg_state state;
    if (m->life == LIFE_ENDED || !r->email[0])
        return false;
    if (state_of_kind(kind, &state))
        return r->state == state && (!m->cancelled_at || r->state == REG_CANCELLED);
    if (!strcmp(kind, "cancellation"))
        return m->cancelled_at != 0;
    if (!strcmp(kind, "change"))
        return !m->cancelled_at && r->state != REG_CANCELLED && r->state != REG_REFUSED;
    return r->state == REG_CONFIRMED && r->remind && !m->cancelled_at && m->starts_at > now_ms;
}

/* Of a series: of any of its dates that are not over. A reminder is of its own date. */
static bool still_true_of_any(const char *kind, const struct registration *r, const struct meeting *m,
                              const struct pass *p, int64_t now_ms) {
    if (!p || !strncmp(kind, "reminder", 8))
        return still_true(kind, r, m, now_ms);
    for (size_t i = 0; i < p->n; i++) {
        struct registration one = *r;
        struct meeting date = *m;
        one.state = p->v[i].state;
        date.life = p->v[i].over ? LIFE_ENDED : LIFE_SCHEDULED;
        date.cancelled_at = p->v[i].cancelled;
        date.starts_at = p->v[i].starts_at;
        if (still_true(kind, &one, &date, now_ms))
            return true;
    }
    return false;
}

static int write_calendar(const struct post *p, const struct letter_about *about, bool cancel,
                          struct arena *a, struct buf *out) {
    struct agenda g = {p->cfg.url, p->cfg.zone, p->cfg.smtp.from, about->now_ms};
    struct ics_event *e = arena_alloc(a, AGENDA_PASS_MAX * sizeof *e);
    int n = !e            ? -ERR_FULL
            : about->pass ? agenda_pass(&g, about->event, about->pass, cancel, a, e)
                          : agenda_event(&g, about->event, about->to->code, a, e);
    if (n < 0)
        return n;
    n = about->pass ? n : 1;
    for (int i = 0; i < n; i++) {
        e[i].attendee = about->to->name;
        e[i].attendee_mail = about->to->email;
    }
    ics_write(&(struct ics){.out = out,
                            .method = cancel ? ICS_CANCEL : ICS_REQUEST,
                            .events = e,
                            .n = (size_t)n,
                            .domain = AGENDA_DOMAIN});
    return out->over ? -ERR_TOO_LARGE : 0;
}

static int write_message(const struct post *p, const struct outbox_mail *row, const struct registration *r,
                         const struct meeting *m, const struct pass *pass, struct arena *a, struct buf *out) {
    struct letter l;
    struct buf calendar;
    const char *domain = strchr(p->cfg.smtp.from, '@');
    const char *code = pass ? pass->code : r->code;
    const char *url = arena_printf(a, "%s/r/%s", p->cfg.url, code);
    struct letter_about about = {.kind = row->kind,
                                 .to = r,
                                 .event = m,
                                 .url = url,
                                 .site = p->cfg.site,
                                 .zone = m->zone[0] ? m->zone : p->cfg.zone,
                                 .pass = pass,
                                 .now_ms = clock_wall_ms()};
    int err = url ? letter_write(&l, &about, a) : -ERR_FULL;
    if (err)
        return err;
    buf_init(&calendar, MESSAGE_MAX);
    err = l.has_event ? write_calendar(p, &about, l.is_cancel, a, &calendar) : 0;
    struct mime mime = {
        .from_name = p->cfg.site,
        .from = p->cfg.smtp.from,
        .to_name = r->name,
        .to = r->email,
        .subject = l.subject,
        .id = arena_printf(a, "%lld.%lld%s", (long long)row->id, (long long)row->created_at, domain),
        .at_s = row->created_at / 1000,
        .text = l.text,
        .html = l.html,
        .calendar = l.has_event && !err ? (const char *)calendar.p : NULL,
        .calendar_method = l.is_cancel ? "CANCEL" : "REQUEST",
        .unsubscribe =
            l.is_reminder ? arena_printf(a, "%s/api/registrations/%s/quiet", p->cfg.url, code) : NULL};
    if (!err && !mime.id)
        err = -ERR_FULL;
    if (!err)
        mime_write(out, &mime);
    buf_fini(&calendar);
    return err ? err : out->over ? -ERR_TOO_LARGE : 0;
}

/* 0, or -ERR_x of smtp_send; what cannot be sent at all is -ERR_DENIED. */
static int send_one(struct post *p, const struct outbox_mail *row, char why[SMTP_WHY_MAX]) {
    struct arena a;
    struct registration r;
    struct meeting m;
    struct pass *pass = NULL;
    struct buf message;
    arena_init(&a, ARENA_MAX);
    buf_init(&message, MESSAGE_MAX);
    int err = outbox_registration(p->store, row->registration, &a, &r);
    if (!err)
        err = meeting_get(p->store, str_of(r.event), &a, &m);
    if (!err && r.pass) {
        pass = arena_alloc(&a, sizeof *pass);
        err = pass ? pass_get(p->store, r.pass, clock_wall_ms(), &a, pass) : -ERR_FULL;
    }
    if (!err && !still_true_of_any(row->kind, &r, &m, pass, clock_wall_ms())) {
        snprintf(why, SMTP_WHY_MAX, "no longer of use");
        err = -ERR_DENIED;
    } else if (!err && !mime_address_ok(r.email)) {
        snprintf(why, SMTP_WHY_MAX, "no letter can be sent to such an address");
        err = -ERR_DENIED;
    } else if (!err) {
        err = write_message(p, row, &r, &m, pass, &a, &message);
        if (!err)
            err = smtp_send(p->smtp, r.email, buf_view(&message), why);
    }
    buf_fini(&message);
    arena_fini(&a);
    return err;
}

/* False when the mail server could not be reached: the others need not try at once. */
static bool do_mail(struct post *p, const struct outbox_mail *row) {
    char why[SMTP_WHY_MAX] = "";
    int err = send_one(p, row, why), noted;
    if (!err)
        noted = outbox_sent(p->store, row->id);
    else if (err == -ERR_BUSY)
        noted = outbox_return(p->store, clock_wall_ms());
    else
        noted = outbox_failed(p->store, row, str_of(why[0] ? why : err_text(err)), err == -ERR_DENIED,
                              clock_wall_ms());
    if (err && err != -ERR_BUSY)
        LOG_WARN("letter not sent id=%lld kind=%s try=%lld text=\"%s\"", (long long)row->id, row->kind,
                 (long long)row->attempts, why);
    if (noted)
        LOG_ERROR("letter's outcome not noted id=%lld err=%s", (long long)row->id, err_wire(noted));
    return err != -ERR_IO;
}

static bool stopping(const struct post *p) {
    struct pollfd f = {.fd = p->stop_fd, .events = POLLIN};
    return poll(&f, 1, 0) > 0;
}

static void rest(struct post *p, int64_t ms) {
    struct pollfd f[2] = {{.fd = p->wake_fd, .events = POLLIN}, {.fd = p->stop_fd, .events = POLLIN}};
    uint64_t n;
    if (poll(f, 2, (int)ms) > 0 && f[0].revents)
        (void)!read(p->wake_fd, &n, sizeof n);
}

static void *thread_main(void *arg) {
    struct post *p = arg;
    while (!stopping(p)) {
        struct outbox_mail row;
        int64_t now_ms = clock_wall_ms();
        if (now_ms - p->looked_ms >= POST_LOOK_MS) {
            p->looked_ms = now_ms;
            (void)outbox_remind(p->store, now_ms);
            (void)outbox_sweep(p->store, now_ms);
        }
        if (outbox_lease(p->store, now_ms, &row) > 0) {
            if (!do_mail(p, &row) && !stopping(p))
                rest(p, row.attempts > 1 ? POST_PAUSE_MS : 1000);
            continue;
        }
        int64_t ms = outbox_next_ms(p->store) - now_ms;
        rest(p, ms < 100 ? 100 : ms > POST_LOOK_MS ? POST_LOOK_MS : ms);
    }
    return NULL;
}

static void post_free(struct post *p) {
    smtp_close(p->smtp);
    store_close(p->store);
    if (p->wake_fd >= 0)
        close(p->wake_fd);
    if (p->stop_fd >= 0)
        close(p->stop_fd);
    mem_free(p);
}

int post_open(struct post **out, const struct post_cfg *cfg) {
    struct post *p = mem_zalloc(sizeof *p);
    p->cfg = *cfg;
    p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    p->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    p->cfg.smtp.stop_fd = p->stop_fd;
    int err = p->wake_fd < 0 || p->stop_fd < 0 ? -ERR_IO : store_open(&p->store, cfg->db_path, false);
    if (!err)
        err = outbox_return(p->store, clock_wall_ms());
    if (!err)
        err = smtp_open(&p->smtp, &p->cfg.smtp);
    if (!err && pthread_create(&p->thread, NULL, thread_main, p))
        err = -ERR_IO;
    if (err) {
        post_free(p);
        return err;
    }
    *out = p;
    return 0;
}

void post_wake(struct post *p) {
    uint64_t one = 1;
    (void)!write(p->wake_fd, &one, sizeof one);
}

void post_close(struct post *p) {
    if (!p)
        return;
    uint64_t one = 1;
    (void)!write(p->stop_fd, &one, sizeof one);
    pthread_join(p->thread, NULL);
    post_free(p);
}

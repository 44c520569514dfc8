#include "media/media.h"
#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/media_own.h"
#include "media/base/meter.h"
#include "media/rtc/dtls.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

bool media_member_ok(const char *member) {
    static const char ok[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
    size_t n = member ? strlen(member) : 0;
    return n && n <= MEDIA_MEMBER_ID_MAX && strspn(member, ok) == n;
}

/* ---- opening ---- */

static int media_fail(int err, char sentence[256], const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static int media_fail(int err, char sentence[256], const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(sentence, 256, fmt, ap);
    va_end(ap);
    return err;
}

/* Candidates: what the configuration names, else the address bound, else every address of the machine that a
 * socket of that family reaches. */
static int media_addrs(struct media *m, const struct media_cfg *cfg, const struct addr *bind,
                       char sentence[256]) {
    for (unsigned i = 0; i < cfg->announce_count && i < MEDIA_ADDRS_MAX; i++) {
        if (addr_parse(&m->addrs[m->addr_count++], str_of(cfg->announce[i]), 0))
            return media_fail(-ERR_INVALID, sentence, "media.announce: \"%s\" is not an IP address.",
                              cfg->announce[i]);
    }
    if (m->addr_count)
        return 0;
    if (!addr_is_any(bind)) {
        m->addrs[m->addr_count++] = *bind;
        return 0;
    }
    struct addr all[SDP_ADDRS_MAX * 2];
    size_t n = addr_of_machine(all, countof(all));
    for (size_t i = 0; i < n && m->addr_count < SDP_ADDRS_MAX; i++) {
        if (!addr_is_v4(bind) || addr_is_v4(&all[i]))
            m->addrs[m->addr_count++] = all[i];
    }
    return m->addr_count ? 0 : media_fail(-ERR_IO, sentence, "No network address is up on this machine.");
}

static int media_open_worker(struct media *m, const struct media_cfg *cfg, const struct addr *bind,
                             unsigned i, int64_t ntp_minus_mono_us, char sentence[256]) {
    struct worker_cfg wc = {.index = i,
                            .bind = *bind,
                            .tcp = cfg->tcp,
                            .events = m->events,
                            .relay = m->workers > 1 ? m->relay : NULL,
                            .ntp_minus_mono_us = ntp_minus_mono_us};
    wc.bind.port = cfg->port ? (uint16_t)(cfg->port + i) : 0;
    int err = worker_open(&m->w[i], &wc);
    if (!err)
        return 0;
    char where[ADDR_TEXT_MAX];
    addr_print(&wc.bind, where);
    if (err == -ERR_BUSY)
        return media_fail(err, sentence,
                          "Port %s is taken for UDP%s: stop the other program or choose another media port.",
                          where, cfg->tcp ? " or TCP" : "");
    if (err == -ERR_DENIED)
        return media_fail(err, sentence,
                          "No permission for port %s: ports below 1024 need root or CAP_NET_BIND_SERVICE; "
                          "choose another media port.",
                          where);
    if (err == -ERR_INVALID)
        return media_fail(err, sentence,
                          "This machine has no address for %s: choose another media.listen, e.g. 0.0.0.0.",
                          where);
    return media_fail(err, sentence, "Cannot open port %s: %s.", where, strerror(errno));
}

unsigned media_worker_count(unsigned configured) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned n = configured ? configured : cores > 1 ? (unsigned)cores - 1 : 1;
    return n > MEDIA_WORKERS_MAX ? MEDIA_WORKERS_MAX : n;
}

static int media_open_all(struct media *m, const struct media_cfg *cfg, char sentence[256]) {
    struct addr bind;
    if (addr_parse(&bind, str_of(cfg->listen), 0))
        return media_fail(-ERR_INVALID, sentence, "media.listen: \"%s\" is not an IP address.", cfg->listen);
    int err = media_addrs(m, cfg, &bind, sentence);
    err = err ? err : dtls_global_init(cfg->cert_pem, cfg->key_pem, sentence);
    if (err)
        return err;
    if (secure_global_init())
        return media_fail(-ERR_IO, sentence, "SRTP (libsrtp2) could not be initialised.");
    /* Seconds between 1900 and 1970, RFC 868: "the time 2,208,988,800 corresponds to 00:00 1 Jan 1970 GMT".
     */
    int64_t ntp = clock_wall_ms() * 1000 + INT64_C(2208988800) * 1000000 - clock_mono_us();
    err = mailbox_open(&m->events, sizeof(struct worker_event), MEDIA_EVENTS_BOX);
    for (unsigned i = 0; m->workers > 1 && i < m->workers && !err; i++)
        err = mailbox_open(&m->relay[i], sizeof(struct relay_msg), RELAY_BOX);
    if (err)
        return media_fail(err, sentence, "Cannot open an eventfd: raise the limit of open files.");
    for (unsigned i = 0; i < m->workers && !err; i++)
        err = media_open_worker(m, cfg, &bind, i, ntp, sentence);
    for (unsigned i = 0; i < m->workers && !err; i++) {
        err = worker_start(m->w[i]);
        if (err)
            media_fail(err, sentence, "Cannot start a thread.");
    }
    return err;
}

int media_open(struct media **out, const struct media_cfg *cfg, char sentence[256]) {
    struct media *m = mem_zalloc(sizeof *m);
    m->workers = media_worker_count(cfg->workers);
    m->tcp = cfg->tcp;
    m->room_peers_per_worker = cfg->room_peers_per_worker;
    map_init(&m->peers, MEDIA_PEERS_MAX);
    map_init(&m->rooms, MEDIA_ROOMS_MAX);
    map_init(&m->taps, MEDIA_TAPS_MAX);
    sentence[0] = 0;
    int err = media_open_all(m, cfg, sentence);
    if (err) {
        media_close(m);
        return err;
    }
    *out = m;
    return 0;
}

static void media_free_tables(struct media *m) {
    size_t it = 0;
    uint64_t id;
    for (void *p; (p = map_next(&m->peers, &it, &id));)
        mem_free(p);
    it = 0;
    for (void *p; (p = map_next(&m->taps, &it, &id));)
        mem_free(p);
    it = 0;
    for (struct media_room *r; (r = map_next(&m->rooms, &it, &id));)
        media_room_free(r);
    map_fini(&m->peers);
    map_fini(&m->taps);
    map_fini(&m->rooms);
}

void media_close(struct media *m) {
    if (!m)
        return;
    media_flush(m);
    for (unsigned i = 0; i < m->workers; i++)
        worker_close(m->w[i]);
    for (unsigned i = 0; i < m->workers; i++) {
        for (size_t j = 0; j < m->pending[i].n; j++) {
            if (m->pending[i].v[j].type == CMD_TAP_OPEN)
                close(m->pending[i].v[j].fd);
            cmd_fini(&m->pending[i].v[j]);
        }
        mem_free(m->pending[i].v);
        mailbox_close(m->relay[i]);
    }
    struct worker_event e;
    while (m->events && mailbox_get(m->events, &e, 1))
        media_event_fini(&e.e);
    mailbox_close(m->events);
    media_free_tables(m);
    mem_free(m);
}

/* ---- commands out ---- */

void media_post(struct media *m, unsigned worker, const struct cmd *c) {
    struct media_pending *q = &m->pending[worker];
    if (!q->n && !worker_put(m->w[worker], c))
        return;
    if (q->n == q->cap) {
        q->cap = q->cap ? q->cap * 2 : 64;
        q->v = mem_realloc(q->v, q->cap * sizeof *q->v);
    }
    q->v[q->n++] = *c;
}

void media_flush(struct media *m) {
    for (unsigned i = 0; i < m->workers; i++) {
        struct media_pending *q = &m->pending[i];
        size_t k = 0;
        while (k < q->n && !worker_put(m->w[i], &q->v[k]))
            k++;
        if (k)
            memmove(q->v, q->v + k, (q->n - k) * sizeof *q->v);
        q->n -= k;
    }
}

/* ---- events in ---- */

/* Brings control's tables up to date with what a worker says. False: about a peer or tap control closed
 * already. */
static bool media_accept(struct media *m, const struct media_event *e) {
    if (e->type == MEDIA_EV_CAPTURE)
        return true; /* what was kept of a peer that is gone */
    if (e->peer) {
        struct media_peer *p = map_get(&m->peers, e->peer);
        if (!p)
            return false;
        if (e->type == MEDIA_EV_PEER_DOWN)
            media_peer_forget(m, p);
    }
    if (e->tap) {
        if (!map_get(&m->taps, e->tap))
            return false;
        if (e->type == MEDIA_EV_TAP_GONE)
            mem_free(map_drop(&m->taps, e->tap));
    }
    return true;
}

size_t media_poll(struct media *m, struct media_event *out, size_t max) {
    size_t n = 0;
    struct worker_event e;
    while (n < max && mailbox_get(m->events, &e, 1)) {
        if (e.wake)
            continue;
        if (media_accept(m, &e.e))
            out[n++] = e.e;
        else
            media_event_fini(&e.e);
    }
    media_flush(m);
    return n;
}

void media_event_fini(struct media_event *e) {
    mem_free(e->text);
    e->text = NULL;
}

int media_fd(const struct media *m) { return mailbox_fd(m->events); }
unsigned media_workers(const struct media *m) { return m->workers; }
uint16_t media_port(const struct media *m, unsigned worker) {
    return worker < m->workers ? worker_port(m->w[worker]) : 0;
}

void media_stats_get(const struct media *m, struct media_stats *out) {
    *out = (struct media_stats){0};
    for (unsigned i = 0; i < m->workers; i++)
        worker_stats(m->w[i], out);
}

void media_meter_get(const struct media *m, unsigned worker, struct meter *out) {
    *out = (struct meter){.busy_pm = 0};
    if (worker < m->workers)
        worker_meter(m->w[worker], out);
}

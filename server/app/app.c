#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "media/base/pemcheck.h"
#include "media/base/selfsign.h"
#include "server/app/parts.h"
#include "server/app/paths.h"
#include "server/cli/cli.h"
#include "server/store/store.h"

enum { RETRY_AFTER_RESTART_MS = 2000, DRAIN_STEP_MS = 50, GOODBYE_MS = 300, LOOP_CLOSE_TURNS = 2000 };

/* ---- opening ---- */

static int say(const char *sentence) {
    fprintf(stderr, "somhub: %s\n", sentence);
    return -ERR_IO;
}

static void raise_limits(void) {
    struct rlimit r;
    if (!getrlimit(RLIMIT_NOFILE, &r)) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is an error of a write, and no reason to die */
}

static int open_files(struct app *a) {
    const struct config *c = a->cfg;
    char err[DATADIR_SENTENCE_MAX];
    paths_find(a->web_dir, sizeof a->web_dir, c->web_dir, "../web/dist", "../share/somhub/web");
    paths_find(a->formats_dir, sizeof a->formats_dir, c->formats_dir, "../config/formats",
               "../share/somhub/formats");
    paths_find(a->pipe_path, sizeof a->pipe_path, c->pipe_path, "somhub-pipe", "somhub-pipe");
    if (access(a->pipe_path, X_OK)) {
        snprintf(err, sizeof err, "the recorder %.300s cannot be run: %s (set pipe.path)", a->pipe_path,
                 strerror(errno));
        return say(err);
    }
    if (datadir_open(&a->data, c->data_dir, true, err))
        return say(err);
    snprintf(a->rec_dir, sizeof a->rec_dir, "%s/rec", a->data.path);
    if (formats_load(&a->formats, a->formats_dir, err))
        return say(err);
    if (static_open(&a->files, a->web_dir, err))
        return say(err);
    return 0;
}

/* What libwebsockets would refuse without a word why. A certificate out of date is no reason to stand still.
 */
static int check_tls(const struct app *a) {
    char err[256];
    int64_t days_left;
    int rc = pemcheck(a->tls_cert, a->tls_key, clock_wall_ms() / 1000, &days_left, err);
    if (rc == -ERR_EXPIRED)
        LOG_WARN("%s", err);
    return rc && rc != -ERR_EXPIRED ? say(err) : 0;
}

static int open_tls(struct app *a) {
    const struct config *c = a->cfg;
    char err[256], host[64] = "localhost";
    uint16_t port;
    if (!c->http_self_signed || c->http_tls_cert[0]) {
        if (!c->http_tls_cert[0] != !c->http_tls_key[0])
            return say("http.tls_cert and http.tls_key go together: one of them is missing");
        STR_COPY(a->tls_cert, str_of(c->http_tls_cert));
        STR_COPY(a->tls_key, str_of(c->http_tls_key));
        return a->tls_cert[0] ? check_tls(a) : 0;
    }
    if (web_address(c->http_listen, host, &port, err))
        return say(err);
    if (!strcmp(host, "0.0.0.0") || !strcmp(host, "::"))
        gethostname(host, sizeof host - 1);
    snprintf(a->tls_cert, sizeof a->tls_cert, "%s/self-signed.crt", a->data.path);
    snprintf(a->tls_key, sizeof a->tls_key, "%s/self-signed.key", a->data.path);
    return selfsign_files(a->tls_cert, a->tls_key, host, err) ? say(err) : 0;
}

static int open_media(struct app *a) {
    const struct config *c = a->cfg;
    char err[256], list[CONFIG_TEXT_MAX + 1];
    struct media_cfg m = {.listen = c->media_listen,
                          .port = (uint16_t)c->media_port,
                          .tcp = c->media_tcp,
                          .workers = (unsigned)c->media_workers,
                          .room_peers_per_worker = (unsigned)c->media_room_peers_per_worker};
    if (turn_check(&(struct turn){c->media_turn, c->media_turn_secret}, err))
        return say(err);
    STR_COPY(list, str_of(c->media_announce));
    for (char *save, *p = strtok_r(list, ", ", &save); p && m.announce_count < MEDIA_ADDRS_MAX;
         p = strtok_r(NULL, ", ", &save))
        m.announce[m.announce_count++] = p;
    return media_open(&a->media, &m, err) ? say(err) : 0;
}

static void *ctx_open(void *arg) {
    struct app *a = arg;
    struct http_ctx *own = mem_zalloc(sizeof *own);
    if (api_open(&own->api, &a->api_cfg) || store_open(&own->store, a->data.db, false)) {
        api_close(own->api);
        mem_free(own);
        return NULL;
    }
    return own;
}

static void ctx_close(void *ctx) {
    struct http_ctx *own = ctx;
    api_close(own->api);
    store_close(own->store);
    mem_free(own);
}

static int open_post(struct app *a) {
    const struct config *c = a->cfg;
    struct str server = str_of(c->mail_server), url = str_of(c->http_public_url);
    if (!server.n)
        return 0;
    if (!str_starts(server, STR("smtp://")) && !str_starts(server, STR("smtps://")))
        return say("mail.server begins with smtp:// or smtps://");
    if (!mime_address_ok(c->mail_from) || !url.n)
        return say("mail.server needs mail.from, an address, and http.public_url, for the links in letters");
    while (url.n && url.p[url.n - 1] == '/')
        url.n--;
    STR_COPY(a->public_url, url);
    struct post_cfg p = {.db_path = a->data.db,
                         .site = "SOM-hub Live",
                         .url = a->public_url,
                         .zone = c->centre_zone,
                         .smtp = {.server = c->mail_server,
                                  .user = c->mail_user,
                                  .password = c->mail_password,
                                  .from = c->mail_from,
                                  .starttls = c->mail_starttls && str_starts(server, STR("smtp://")),
                                  .wait_ms = (int)c->mail_wait_s * 1000}};
    return post_open(&a->post, &p) ? say("the thread that sends letters cannot start") : 0;
}

static int open_store(struct app *a) {
    const struct config *c = a->cfg;
    if (!zone_ok(str_of(c->centre_zone)))
        return say(
            "centre.zone is no time zone this machine knows (Europe/Kyiv, for example; package tzdata)");
    char err[DATADIR_SENTENCE_MAX];
    if (store_judge(a->data.db, err, sizeof err))
        return say(err);
    if (scribe_open(&a->scribe, a->data.db))
        return say("the database cannot be opened; `somhub check` says more");
    board_open(&a->board);
    a->api_cfg = (struct api_cfg){.data_dir = a->data.path,
                                  .server_name = "",
                                  .key = {a->data.key, sizeof a->data.key},
                                  .registration = c->accounts_registration,
                                  .capture = c->debug_capture,
                                  .formats = &a->formats,
                                  .zone = c->centre_zone,
                                  .public_url = c->http_public_url,
                                  .mail_from = c->mail_server[0] ? c->mail_from : "",
                                  .live = board_live,
                                  .live_ctx = a->board};
    if (c->demo && a->data.fresh && demo_fill(a->data.path, a->pipe_path, err))
        LOG_WARN("demo content is not complete: %s", err);
    struct pool_cfg api = {POOL_THREADS, POOL_QUEUE_MAX, 0, {ctx_open, ctx_close, a}},
                    door = {DOOR_THREADS, DOOR_QUEUE_MAX, DOOR_NICE, api.ops};
    if (pool_open(&a->pool, &api) || pool_open(&a->door, &door))
        return say("the database cannot be opened by the api threads; `somhub check` says more");
    struct jobs_cfg j = {.data_dir = a->data.path, .db_path = a->data.db, .pipe_path = a->pipe_path};
    if (jobs_open(&a->jobs, &j))
        return say("the job thread cannot start; `somhub check` says more");
    for (int k = 0; k < UPLOAD_KIND_COUNT; k++)
        if (uploads_open(&a->uploads[k],
                         &(struct uploads_cfg){a->data.db, a->data.path, (enum upload_kind)k}))
            return say("a thread for uploads cannot start; `somhub check` says more");
    return open_post(a);
}

static int open_live(struct app *a) {
    const struct config *c = a->cfg;
    char err[256];
    ws_open(&a->ws, c->http_trust_proxy);
    struct http_cfg h = {&a->loop, a->pool, a->door, a->files, c->http_trust_proxy, effects_http_ops(a)};
    http_open(&a->http, &h);
    if (dictate_open(a))
        return say("captions.command has more than 16 words, or captions.lang is no language");
    if (recorder_open(&a->recorder, &a->loop, a->media, a->pipe_path, a->rec_dir, effects_recorder_ops(a)))
        return say("the path of the data directory is too long");
    struct hub_cfg hub = {.ops = effects_hub_ops(a),
                          .media = a->media,
                          .formats = a->formats.v,
                          .format_count = a->formats.n,
                          .ticket_key = a->api_cfg.key,
                          .turn = {c->media_turn, c->media_turn_secret}};
    if (hub_open(&a->hub, &hub))
        return say("the rooms cannot be opened");
    hub_clock(a->hub, clock_mono_us(), clock_wall_ms());
    ws_set_hub(a->ws, a->hub);
    for (int k = 0; k < UPLOAD_KIND_COUNT; k++)
        uploads_set_hub(a->uploads[k], a->hub);
    whipweb_open(&a->whip, a->hub, a->http, &hub.turn);
    struct probes_cfg probes = {&a->loop, a->media, a->http, hub.turn};
    probes_open(&a->probes, &probes);
    struct web_cfg w = {&a->loop,
                        a->http,
                        a->ws,
                        c->http_listen,
                        a->tls_cert[0] ? a->tls_cert : NULL,
                        a->tls_key[0] ? a->tls_key : NULL};
    return web_open(&a->web, &w, err) ? say(err) : 0;
}

/* ---- running ---- */

static void turn(struct app *a) {
    a->turn_us = clock_mono_us();
    hub_clock(a->hub, a->turn_us, clock_wall_ms());
}

static void on_media(uv_poll_t *p, int status, int events) {
    (void)status, (void)events;
    struct app *a = p->data;
    struct media_event batch[64];
    turn(a);
    for (size_t n; (n = media_poll(a->media, batch, countof(batch))) > 0;)
        for (size_t i = 0; i < n; i++) {
            if (batch[i].type == MEDIA_EV_CAPTURE)
                capture_end(a, &batch[i]);
            recorder_on_media(a->recorder, &batch[i]);
            hub_on_media(a->hub, &batch[i]);
            media_event_fini(&batch[i]);
        }
}

static void on_pool(uv_poll_t *p, int status, int events) {
    (void)status, (void)events;
    struct app *a = p->data;
    turn(a);
    pool_turn(a->pool);
    pool_turn(a->door);
    for (int k = 0; k < UPLOAD_KIND_COUNT; k++)
        pool_turn(uploads_pool(a->uploads[k]));
}

static void on_scribe(uv_poll_t *p, int status, int events) {
    (void)status, (void)events;
    struct app *a = p->data;
    struct scribe_report batch[64];
    turn(a);
    for (size_t n; (n = scribe_reports(a->scribe, batch, countof(batch))) > 0;)
        for (size_t i = 0; i < n; i++) {
            if (!batch[i].load)
                continue;
            if (batch[i].failed)
                hub_on_journal_failed(a->hub, batch[i].room, batch[i].load);
            else
                hub_on_committed(a->hub, batch[i].room, batch[i].load, batch[i].seq);
            if (batch[i].forgot)
                uploads_sweep(a->uploads[UPLOAD_SLIDES]); /* looks for all kinds */
        }
}

static void on_tick(uv_timer_t *t) {
    struct app *a = t->data;
    turn(a);
    hub_tick(a->hub);
}

/* Before the loop sleeps: what was put off, then the time of the next deadline. */
static void on_prepare(uv_prepare_t *p) {
    struct app *a = p->data;
    later_run(a);
    int64_t now_us = clock_mono_us(), next_us = hub_next_us(a->hub);
    if (a->turn_us && now_us - a->turn_us > a->lag_max_us)
        a->lag_max_us = now_us - a->turn_us;
    a->turn_us = 0;
    if (next_us == INT64_MAX) {
        uv_timer_stop(&a->tick);
        return;
    }
    uv_update_time(&a->loop);
    int64_t ms = next_us <= now_us ? 0 : (next_us - now_us + 999) / 1000;
    uv_timer_start(&a->tick, on_tick, (uint64_t)ms, 0);
}

static void on_board(uv_timer_t *t) {
    struct app *a = t->data;
    struct hub_brief brief;
    char ids[HUB_ROOMS_MAX][ROOM_ID_MAX + 1];
    size_t n = hub_room_ids(a->hub, ids, HUB_ROOMS_MAX);
    for (size_t i = 0; i < n; i++)
        if (hub_room_brief(a->hub, ids[i], &brief))
            board_put(a->board, ids[i], (struct api_live){(int)brief.present, brief.recording});
    board_show(a->board);
}

static void on_drain(uv_timer_t *t) {
    struct app *a = t->data;
    if ((recorder_active(a->recorder) || speech_active(a->speech)) && clock_mono_us() < a->drain_until_us)
        return;
    uv_timer_stop(t);
    uv_stop(&a->loop);
}

static void on_signal(uv_signal_t *s, int number) {
    struct app *a = s->data;
    if (a->draining) {
        uv_stop(&a->loop); /* asked twice: at once */
        return;
    }
    a->draining = true;
    LOG_INFO("stopping signal=%d", number);
    turn(a);
    hub_shutdown(a->hub, RETRY_AFTER_RESTART_MS);
    recorder_stop_all(a->recorder);
    speech_end_all(a->speech);
    uv_prepare_stop(&a->prepare); /* no more deadlines of rooms */
    uv_timer_stop(&a->tick);
    a->drain_until_us = clock_mono_us() + APP_DRAIN_MS * 1000LL;
    uv_timer_start(&a->drain, on_drain, GOODBYE_MS, DRAIN_STEP_MS);
}

static void watch(struct app *a) {
    const struct {
        int fd;
        uv_poll_cb cb;
    } fds[APP_FDS] = {{media_fd(a->media), on_media},
                      {pool_fd(a->pool), on_pool},
                      {pool_fd(a->door), on_pool},
                      {pool_fd(uploads_pool(a->uploads[UPLOAD_SLIDES])), on_pool},
                      {pool_fd(uploads_pool(a->uploads[UPLOAD_VIDEO])), on_pool},
                      {scribe_fd(a->scribe), on_scribe}};
    for (size_t i = 0; i < APP_FDS; i++) {
        uv_poll_init(&a->loop, &a->polls[i], fds[i].fd);
        a->polls[i].data = a;
        uv_poll_start(&a->polls[i], UV_READABLE, fds[i].cb);
    }
    uv_timer_init(&a->loop, &a->tick);
    uv_timer_init(&a->loop, &a->drain);
    uv_timer_init(&a->loop, &a->board_timer);
    uv_prepare_init(&a->loop, &a->prepare);
    uv_signal_init(&a->loop, &a->sigint);
    uv_signal_init(&a->loop, &a->sigterm);
    a->tick.data = a->drain.data = a->board_timer.data = a->prepare.data = a->sigint.data = a->sigterm.data =
        a;
    uv_prepare_start(&a->prepare, on_prepare);
    uv_timer_start(&a->board_timer, on_board, 0, APP_BOARD_MS);
    uv_signal_start(&a->sigint, on_signal, SIGINT);
    uv_signal_start(&a->sigterm, on_signal, SIGTERM);
}

static void restore_rooms(struct app *a) {
    static char ids[HUB_ROOMS_MAX][MEETING_ID_CHARS + 1];
    int n = roomio_open_rooms(a, ids, HUB_ROOMS_MAX);
    for (int k = 0; k < UPLOAD_KIND_COUNT; k++)
        uploads_wake(a->uploads[k]);
    jobs_wake(a->jobs); /* recordings that a crash left unfinished are jobs now */
    for (int i = 0; i < n; i++)
        hub_restore(a->hub, ids[i]);
    if (n > 0)
        LOG_INFO("restoring %d open rooms", n);
}

static void print_ready(const struct app *a) {
    char host[64], err[256];
    uint16_t port;
    web_address(a->cfg->http_listen, host, &port, err);
    bool six = strchr(host, ':') != NULL;
    printf("ready http=%s://%s%s%s:%u media=", a->tls_cert[0] ? "https" : "http", six ? "[" : "", host,
           six ? "]" : "", web_port(a->web));
    for (unsigned i = 0; i < media_workers(a->media); i++)
        printf("%s%u", i ? "," : "", media_port(a->media, i));
    printf("\n");
    fflush(stdout);
}

/* ---- closing: the reverse of opening ---- */

static void close_handle(uv_handle_t *h, void *arg) {
    (void)arg;
    if (!uv_is_closing(h))
        uv_close(h, NULL);
}

static void close_all(struct app *a) {
    if (a->ws)
        ws_set_hub(a->ws, NULL);
    if (a->web)
        web_close(a->web);
    probes_close(a->probes);
    for (int i = 0; i < LOOP_CLOSE_TURNS && uv_run(&a->loop, UV_RUN_NOWAIT); i++)
        ;
    web_free(a->web);
    probes_free(a->probes);
    jobs_close(a->jobs);
    a->jobs = NULL;
    post_close(a->post);
    a->post = NULL;
    whipweb_close(a->whip);
    struct hub *hub = a->hub;
    for (int k = 0; k < UPLOAD_KIND_COUNT; k++)
        uploads_set_hub(a->uploads[k], NULL);
    a->hub = NULL; /* what comes back from the api threads now finds no rooms */
    pool_close(a->door);
    pool_close(a->pool);
    hub_close(hub);
    for (int k = 0; k < UPLOAD_KIND_COUNT; k++)
        uploads_close(a->uploads[k]); /* a room's answer finds it until now */
    recorder_close(a->recorder);
    speech_close(a->speech);
    http_close(a->http);
    ws_close_all(a->ws);
    media_close(a->media);
    scribe_close(a->scribe);
    uv_walk(&a->loop, close_handle, NULL);
    for (int i = 0; i < LOOP_CLOSE_TURNS && uv_run(&a->loop, UV_RUN_NOWAIT); i++)
        ;
    uv_loop_close(&a->loop);
    board_close(a->board);
    static_close(a->files);
    datadir_close(&a->data);
    mem_free(a);
}

int app_serve(const struct config *cfg) {
    struct app *a = mem_zalloc(sizeof *a);
    a->cfg = cfg;
    a->data.lock_fd = -1;
    raise_limits();
    uv_loop_init(&a->loop);
    int rc = open_files(a);
    if (!rc)
        rc = open_tls(a);
    if (!rc)
        rc = open_media(a);
    if (!rc)
        rc = open_store(a);
    if (!rc)
        rc = open_live(a);
    if (!rc) {
        watch(a);
        restore_rooms(a);
        print_ready(a);
        demo_print(a->data.path);
        uv_run(&a->loop, UV_RUN_DEFAULT);
        LOG_INFO("stopped");
    }
    close_all(a);
    return rc ? 1 : 0;
}

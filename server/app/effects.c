#include <stdio.h>
#include <sys/resource.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/meter.h"
#include "server/app/parts.h"
#include "server/http/metrics.h"

static void journal_failed(struct app *a, const char *room) { hub_on_journal_failed(a->hub, room, 0); }
static void record_gap(struct app *a, const char *room) { hub_on_record_gap(a->hub, room); }

/* ---- the hub's outside ---- */

static int op_send(void *ctx, uint64_t conn, struct note *note) {
    return ws_send(((struct app *)ctx)->ws, conn, note);
}

static void op_close(void *ctx, uint64_t conn, const char *reason) {
    ws_close(((struct app *)ctx)->ws, conn, reason);
}

static void op_journal(void *ctx, const char *room, uint64_t load, const struct hub_line *line) {
    struct app *a = ctx;
    if (scribe_put(a->scribe, &(struct scribe_line){room, load, line->seq, line->at_ms, line->json, false}))
        later_put(a, journal_failed, room);
}

/* One that finds no place is missed by nobody: another follows. */
static void op_image(void *ctx, const char *room, uint64_t load, const struct hub_line *line) {
    struct app *a = ctx;
    (void)scribe_put(a->scribe, &(struct scribe_line){room, load, line->seq, line->at_ms, line->json, true});
}

static void op_load_room(void *ctx, const char *room) { roomio_load(ctx, room); }

static void op_room_life(void *ctx, const char *room, enum life life, int64_t at_ms) {
    (void)ctx, (void)at_ms; /* the database knows from the log itself (server/catalogue/roomlog.h) */
    LOG_INFO("room %s room=%s", life_name(life), room);
}

static void op_record_start(void *ctx, const char *room, uint64_t media_room) {
    struct app *a = ctx;
    if (recorder_start(a->recorder, room, media_room)) {
        LOG_ERROR("no place for another recording room=%s", room);
        later_put(a, record_gap, room);
    }
}

static void op_record_stop(void *ctx, const char *room, bool final) {
    recorder_stop(((struct app *)ctx)->recorder, room, final);
}

static void op_record_program(void *ctx, const char *room, const char *member) {
    recorder_program(((struct app *)ctx)->recorder, room, member);
}

static void op_record_screen(void *ctx, const char *room, const char *member) {
    recorder_screen(((struct app *)ctx)->recorder, room, member);
}

struct hub_ops effects_hub_ops(struct app *a) {
    return (struct hub_ops){.ctx = a,
                            .send = op_send,
                            .close = op_close,
                            .journal = op_journal,
                            .image = op_image,
                            .load_room = op_load_room,
                            .room_life = op_room_life,
                            .record_start = op_record_start,
                            .record_stop = op_record_stop,
                            .record_program = op_record_program,
                            .record_screen = op_record_screen};
}

/* ---- the recorder's ---- */

static void on_recorder(void *ctx, const char *room, enum recorder_state state, int64_t duration_ms,
                        const char *text) {
    struct app *a = ctx;
    if (state == RECORDER_PROGRESS) {
        roomio_progress(a, room, duration_ms);
        return;
    }
    LOG_INFO("recording state=%d room=%s duration_ms=%lld %s", state, room, (long long)duration_ms, text);
    if (state == RECORDER_RUNNING)
        roomio_recording(a, room);
    else if (state == RECORDER_FINISHED || state == RECORDER_ABANDONED)
        roomio_publish(a, room);
    else if (state == RECORDER_GAP || state == RECORDER_FAILED)
        later_put(a, record_gap, room);
}

struct recorder_ops effects_recorder_ops(struct app *a) {
    return (struct recorder_ops){on_recorder, a};
}

/* ---- HTTP ---- */

static void on_effect(void *ctx, const struct effect *e) {
    struct app *a = ctx;
    if (!a->hub) /* stopping: rooms and jobs are closed already */
        return;
    switch (e->kind) {
    case EFFECT_ROOM_END:
    case EFFECT_ROOM_GONE:
        roomio_end(a, e->room);
        break;
    case EFFECT_ROOM_META:
        roomio_meta(a, e->room);
        break;
    case EFFECT_CAPTURE:
        capture_begin(a, e);
        break;
    case EFFECT_JOBS:
        jobs_wake(a->jobs);
        break;
    case EFFECT_USER_GONE:
        hub_user_gone(a->hub, e->user, clock_wall_ms() / 1000);
        break;
    }
}

static double cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* The workers' histograms, and of all together what a glance wants to know. */
static void put_meters(struct app *a, struct buf *out) {
    static struct hist transit[MEDIA_WORKERS_MAX], turn[MEDIA_WORKERS_MAX], batch[MEDIA_WORKERS_MAX];
    struct hist all = {.sum = 0};
    size_t n = media_workers(a->media);
    for (unsigned i = 0; i < n; i++) {
        struct meter m;
        media_meter_get(a->media, i, &m);
        transit[i] = m.transit_us;
        turn[i] = m.turn_us;
        batch[i] = m.batch;
        hist_merge(&all, &m.transit_us);
    }
    const struct metric rows[] = {
        {"media_transit_p50_us", METRIC_GAUGE, "Half of the packets were through the server within this.",
         hist_quantile(&all, 500)},
        {"media_transit_p99_us", METRIC_GAUGE, "99 of 100 packets were through the server within this.",
         hist_quantile(&all, 990)},
    };
    metrics_write(out, rows, countof(rows));
    metrics_hist(
        out, &(struct metric_hist){"media_transit_us", "From arrival to departure of a packet.", transit, n});
    metrics_hist(out,
                 &(struct metric_hist){"media_turn_us", "Work of one turn of a worker's loop.", turn, n});
    metrics_hist(out,
                 &(struct metric_hist){"media_batch", "Datagrams handed to the kernel together.", batch, n});
}

static void put_metrics(struct app *a, struct buf *out) {
    struct media_stats m;
    struct hub_stats h;
    struct http_counts c;
    media_stats_get(a->media, &m);
    hub_stats_get(a->hub, &h);
    http_counts(a->http, &c);
    const struct metric rows[] = {
        {"process_cpu_seconds_total", METRIC_COUNTER, "CPU time of the whole server.", cpu_seconds()},
        {"control_turn_max_us", METRIC_GAUGE, "Longest turn of the control loop since the start.",
         (double)a->lag_max_us},
        {"rooms", METRIC_GAUGE, "Rooms in memory.", (double)h.rooms},
        {"people", METRIC_GAUGE, "People present in rooms.", (double)h.present},
        {"sockets", METRIC_GAUGE, "Signalling connections.", (double)ws_count(a->ws)},
        {"recordings_running", METRIC_GAUGE, "Recorder children.", (double)recorder_active(a->recorder)},
        {"room_events_total", METRIC_COUNTER, "Events of room logs.", (double)h.events},
        {"journal_commits_total", METRIC_COUNTER, "Commits of room logs.", (double)scribe_commits(a->scribe)},
        {"messages_in_total", METRIC_COUNTER, "Signalling messages received.", (double)h.messages_in},
        {"messages_out_total", METRIC_COUNTER, "Signalling messages queued.", (double)h.notes_out},
        {"refused_rate_total", METRIC_COUNTER, "Messages over their rate.", (double)h.refused_rate},
        {"refused_invalid_total", METRIC_COUNTER, "Malformed messages.", (double)h.refused_invalid},
        {"closed_slow_total", METRIC_COUNTER, "Readers closed for being slow.", (double)h.closed_slow},
        {"http_requests_total", METRIC_COUNTER, "HTTP requests.", (double)c.requests},
        {"http_refused_total", METRIC_COUNTER, "HTTP requests refused before a handler.", (double)c.refused},
        {"http_connections", METRIC_GAUGE, "Connections, WebSockets included.", (double)c.open_connections},
        {"http_turned_away_total", METRIC_COUNTER, "Connections of addresses that hold too many.",
         (double)c.turned_away},
        {"http_bytes_out_total", METRIC_COUNTER, "Bytes of HTTP bodies sent.", (double)c.bytes_out},
        {"api_queue", METRIC_GAUGE, "Tasks waiting for an api thread.", (double)pool_waiting(a->pool)},
        {"door_queue", METRIC_GAUGE, "Sign-ins waiting for a thread that hashes passwords.",
         (double)pool_waiting(a->door)},
        {"media_workers", METRIC_GAUGE, "Media worker threads.", (double)media_workers(a->media)},
        {"media_peers", METRIC_GAUGE, "Peer connections.", (double)m.peers},
        {"media_tracks", METRIC_GAUGE, "Published tracks.", (double)m.tracks},
        {"media_rx_packets_total", METRIC_COUNTER, "RTP packets received.", (double)m.rx_packets},
        {"media_rx_bytes_total", METRIC_COUNTER, "RTP bytes received.", (double)m.rx_bytes},
        {"media_tx_packets_total", METRIC_COUNTER, "RTP packets forwarded.", (double)m.tx_packets},
        {"media_tx_bytes_total", METRIC_COUNTER, "RTP bytes forwarded.", (double)m.tx_bytes},
        {"media_tx_dropped_total", METRIC_COUNTER, "Packets the socket did not take.", (double)m.tx_dropped},
        {"media_tcp_connections", METRIC_GAUGE, "People connected by TCP.", (double)m.tcp_connections},
        {"media_tcp_turned_away_total", METRIC_COUNTER, "TCP connections closed before they proved anything.",
         (double)m.tcp_turned_away},
        {"media_unknown_datagrams_total", METRIC_COUNTER, "Datagrams of strangers.",
         (double)m.unknown_datagrams},
        {"media_bad_auth_total", METRIC_COUNTER, "Packets with a wrong authentication tag.",
         (double)m.bad_auth},
        {"media_nack_rx_total", METRIC_COUNTER, "Packets viewers asked for again.", (double)m.nack_rx},
        {"media_nack_tx_total", METRIC_COUNTER, "Packets asked for again from publishers.",
         (double)m.nack_tx},
        {"media_rtx_tx_total", METRIC_COUNTER, "Packets sent again.", (double)m.rtx_tx},
        {"media_pli_rx_total", METRIC_COUNTER, "Keyframes asked for by viewers.", (double)m.pli_rx},
        {"media_pli_tx_total", METRIC_COUNTER, "Keyframes asked for from publishers.", (double)m.pli_tx},
        {"media_relay_packets_total", METRIC_COUNTER, "Packets between workers.", (double)m.relay_packets},
        {"media_relay_dropped_total", METRIC_COUNTER, "Packets lost between workers.",
         (double)m.relay_dropped},
        {"media_tap_packets_total", METRIC_COUNTER, "Packets to recorders.", (double)m.tap_packets},
        {"media_tap_dropped_total", METRIC_COUNTER, "Packets a recorder was too slow for.",
         (double)m.tap_dropped},
        {"media_turns_total", METRIC_COUNTER, "Turns of the workers' loops.", (double)m.turns},
        {"media_rx_calls_total", METRIC_COUNTER, "System calls that receive.", (double)m.rx_calls},
        {"media_tx_calls_total", METRIC_COUNTER, "System calls that send.", (double)m.tx_calls},
        {"media_tx_messages_total", METRIC_COUNTER, "Datagrams, or runs of them taken as one, sent.",
         (double)m.tx_messages},
        {"media_allocations_total", METRIC_COUNTER, "Allocations in worker threads.", (double)m.allocs},
    };
    metrics_write(out, rows, countof(rows));
    put_meters(a, out);
}

static void on_control(void *ctx, uint64_t call, const struct route *route, const struct req *req) {
    struct app *a = ctx;
    hub_clock(a->hub, clock_mono_us(), clock_wall_ms());
    if (route->name == ROUTE_PROBE) {
        probes_on_request(a->probes, call, req);
        return;
    }
    if (route->name != ROUTE_HEALTH && route->name != ROUTE_METRICS) {
        whipweb_on_request(a->whip, call, route, req);
        return;
    }
    struct reply r;
    reply_init(&r);
    r.status = 200;
    if (route->name == ROUTE_HEALTH) {
        r.type = "application/json";
        r.status = a->draining ? 503 : 200;
        buf_z(&r.body, a->draining ? "{\"ok\":false,\"text\":\"stopping\"}" : "{\"ok\":true}");
    } else {
        r.type = "text/plain; version=0.0.4; charset=utf-8";
        put_metrics(a, &r.body);
    }
    http_answer(a->http, call, &r);
}

struct http_ops effects_http_ops(struct app *a) {
    return (struct http_ops){on_control, on_effect, a};
}

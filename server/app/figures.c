/* figures — what GET /metrics tells: the server's counters and gauges, and how the media workers keep up. */
#include <sys/resource.h>

#include "media/base/meter.h"
#include "server/app/parts.h"
#include "server/http/metrics.h"

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
    uint64_t busy_pm = 0, strain = 0, lost = 0;
    size_t n = media_workers(a->media);
    for (unsigned i = 0; i < n; i++) {
        struct meter m;
        media_meter_get(a->media, i, &m);
        transit[i] = m.transit_us;
        turn[i] = m.turn_us;
        batch[i] = m.batch;
        hist_merge(&all, &m.transit_us);
        busy_pm = m.busy_pm > busy_pm ? m.busy_pm : busy_pm;
        strain = m.strain > strain ? m.strain : strain;
        lost += m.rx_lost;
    }
    const struct metric rows[] = {
        {"media_transit_p50_us", METRIC_GAUGE, "Half of the packets were through the server within this.",
         hist_quantile(&all, 500)},
        {"media_transit_p99_us", METRIC_GAUGE, "99 of 100 packets were through the server within this.",
         hist_quantile(&all, 990)},
        {"media_busy_ratio", METRIC_GAUGE,
         "Processor time of the busiest worker, of a core, handshakes apart.", (double)busy_pm / 1000},
        {"media_strain_level", METRIC_GAUGE,
         "What the most strained worker leaves out: 0 nothing, 1-2 large pictures, 3-6 pictures of 1-4 "
         "quarters "
         "of the viewers.",
         (double)strain},
        {"media_rx_lost_total", METRIC_COUNTER, "Datagrams the kernel had no room for.", (double)lost},
    };
    metrics_write(out, rows, countof(rows));
    metrics_hist(
        out, &(struct metric_hist){"media_transit_us", "From arrival to departure of a packet.", transit, n});
    metrics_hist(out,
                 &(struct metric_hist){"media_turn_us", "Work of one turn of a worker's loop.", turn, n});
    metrics_hist(out,
                 &(struct metric_hist){"media_batch", "Datagrams handed to the kernel together.", batch, n});
}

void figures_write(struct app *a, struct buf *out) {
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
        {"media_rx_refused_total", METRIC_COUNTER,
         "Packets of peers that are malformed, of no stream of theirs, or too many.", (double)m.rx_refused},
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

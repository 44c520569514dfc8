/* parts — what app.c opens and effects.c, figures.c, later.c, roomio.c tie together. Not for others. Thread:
 * control. */
#ifndef PARTS_H
#define PARTS_H
#include <uv.h>

#include "server/app/app.h"
#include "server/app/board.h"
#include "server/app/capture.h"
#include "server/app/uploads.h"
#include "server/app/probe.h"
#include "server/app/scribe.h"
#include "server/app/web.h"
#include "server/app/whipweb.h"
#include "server/catalogue/formats.h"
#include "server/catalogue/meeting.h"
#include "server/http/api.h"
#include "server/http/http.h"
#include "server/http/pool.h"
#include "server/http/static.h"
#include "server/jobs/jobs.h"
#include "server/mail/mime.h"
#include "server/mail/post.h"
#include "server/pipes/recorder.h"
#include "server/pipes/speech.h"
#include "server/rooms/captions.h"
#include "server/signaling/finder.h"
#include "server/signaling/hub.h"
#include "server/signaling/ws.h"
#include "server/store/datadir.h"

enum {
    APP_FDS = 6,
    APP_LATER_KINDS = 6,                             /* ways later_put is used … */
    APP_LATER_MAX = APP_LATER_KINDS * HUB_ROOMS_MAX, /* … each once a room */
    APP_DRAIN_MS = 12000,
    APP_BOARD_MS = 500
};

struct app;
/* Something to be done in a later loop turn, since hub ops must not call back into the hub. */
struct later {
    void (*run)(struct app *a, const char *room);
    char room[ROOM_ID_MAX + 1];
};

struct app {
    const struct config *cfg;
    struct datadir data;
    char web_dir[DATADIR_PATH_MAX + 1], formats_dir[DATADIR_PATH_MAX + 1], pipe_path[DATADIR_PATH_MAX + 1],
        rec_dir[DATADIR_PATH_MAX + 64], tls_cert[DATADIR_PATH_MAX + 64], tls_key[DATADIR_PATH_MAX + 64];
    struct formats formats;
    struct api_cfg api_cfg;
    struct board *board;
    struct static_files *files;
    struct media *media;
    struct scribe *scribe;
    struct capture capture;
    struct pool *pool, *door;
    struct jobs *jobs;
    struct post *post; /* NULL: no mail */
    char public_url[CONFIG_TEXT_MAX + 1];
    struct uploads *uploads[UPLOAD_KIND_COUNT];
    struct ws *ws;
    struct http *http;
    struct hub *hub;
    struct whipweb *whip;
    struct probes *probes;
    struct recorder *recorder;
    struct speech *speech;
    struct web *web;

    uv_loop_t loop;
    uv_poll_t polls[APP_FDS];
    uv_timer_t tick, drain, board_timer;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_signal_t sigint, sigterm;
    struct later later[APP_LATER_MAX];
    size_t later_at, later_n; /* the next to run, the end */
    bool draining, web_closed;
    int64_t turn_us, lag_max_us; /* when this loop turn began; the longest turn so far */
    int64_t drain_until_us;
};

/* effects.c */
struct hub_ops effects_hub_ops(struct app *a);
struct http_ops effects_http_ops(struct app *a);
struct recorder_ops effects_recorder_ops(struct app *a);

void figures_write(struct app *a, struct buf *out); /* figures.c: the text of GET /metrics */

/* later.c: what waits for the next loop turn; the same thing for the same room waits once. */
void later_put(struct app *a, void (*run)(struct app *a, const char *room), const char *room);
void later_run(struct app *a);

/* roomio.c: what rooms need from the database, by way of the api threads. */
void roomio_load(struct app *a, const char *room);                          /* then hub_on_room_loaded */
void roomio_end(struct app *a, const char *room);                           /* the event page asks */
void roomio_call_off(struct app *a, const char *room);                      /* called off or deleted */
void roomio_meta(struct app *a, const char *room);                          /* then hub_meta_changed */
void roomio_recording(struct app *a, const char *room);                     /* a recording runs */
void roomio_progress(struct app *a, const char *room, int64_t duration_ms); /* so much of it is there */
/* The recording is finished, or its recorder gave up: then a job tries on. */
void roomio_publish(struct app *a, const char *room);
int dictate_open(struct app *a); /* dictate.c: captions by a program; -ERR_INVALID: its settings */
void finds_send(struct app *a, const struct hub_finding *f); /* finds.c: the same; then hub_on_found */
/* At start, on this thread, before anything serves: the ids of the rooms that are open; and blocked accounts'
 * tickets are void again. -ERR_IO. */
int roomio_open_rooms(struct app *a, char (*out)[MEETING_ID_CHARS + 1], size_t max);

#endif

/* A class of four at one hub: each line of the input is a frame from the client its first byte names; a line
 * of
 * '!' only lets a second pass. Whatever they say, everybody's place stays consistent, and what the journal
 * got rebuilds the room. */
#include "media/base/err.h"
#include "media/base/log.h"
#include "media/base/mem.h"
#include "server/http/ticket.h"
#include "server/signaling/finder.h"
#include "server/signaling/hub.h"
#include "server/signaling/proto.h"
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CLIENTS = 4, LINES_MAX = 4096 };

struct world {
    struct hub *hub;
    uint64_t load;
    struct room mirror; /* made of the journal only */
    uint64_t seq;
    bool is_loading, is_finding;
    struct hub_finding finding;
    int64_t now_us;
};

static const struct format format = {
    .id = "f",
    .can = {[ROLE_ATTENDEE] = CAN_PUBLISH_MIC | CAN_CHAT | CAN_HAND,
            [ROLE_SPEAKER] =
                CAN_PUBLISH_MIC | CAN_PUBLISH_SCREEN | CAN_CHAT | CAN_STAGE_AUTO | CAN_STAGE_SELF,
            [ROLE_COHOST] = CAN_MODERATE | CAN_CHAT,
            [ROLE_HOST] = (1 << CAN_COUNT) - 1},
    .record = RECORD_MANUAL,
    .stage_max = 2,
    .video_slots = 2,
};
static const uint8_t key[TICKET_KEY_BYTES] = {1};

static int on_send(void *ctx, uint64_t conn, struct note *note) {
    struct json *j;
    (void)ctx, (void)conn;
    if (json_parse(&j, note_view(note))) /* whatever we say is JSON */
        abort();
    json_free(j);
    return 0;
}
static void on_close(void *ctx, uint64_t conn, struct note *bye, const char *reason) {
    (void)ctx, (void)conn, (void)bye, (void)reason;
}
static void on_journal(void *ctx, const char *room, uint64_t load, const struct hub_line *line) {
    struct world *w = ctx;
    struct event e;
    (void)room;
    if (proto_event_parse(&e, line->json) || e.seq != line->seq || line->seq != w->seq + 1)
        abort();
    w->seq = line->seq;
    w->load = load;
    room_evolve(&w->mirror, &e);
    event_fini(&e);
}
static void on_image(void *ctx, const char *room, uint64_t load, const struct hub_line *line) {
    (void)ctx, (void)room, (void)load, (void)line;
}
static void on_load(void *ctx, const char *room) {
    (void)room;
    ((struct world *)ctx)->is_loading = true;
}
/* The last one asked is answered: nothing was found. */
static void on_find(void *ctx, const struct hub_finding *f) {
    struct world *w = ctx;
    w->is_finding = true;
    w->finding = *f;
}
static void on_life(void *ctx, const char *room, enum life life, int64_t at_ms) {
    (void)ctx, (void)room, (void)life, (void)at_ms;
}
/* For every other room there is no place. */
static int on_start(void *ctx, const char *room, uint64_t no) {
    (void)ctx, (void)room;
    return no & 1 ? 0 : -ERR_FULL;
}
static void on_stop(void *ctx, const char *room, bool final) { (void)ctx, (void)room, (void) final; }
static void on_pick(void *ctx, const char *room, const char *member) { (void)ctx, (void)room, (void)member; }
static void on_pick_screen(void *ctx, const char *room, const char *member, enum media_source source) {
    (void)ctx, (void)room, (void)member, (void)source;
}

static void on_channels(void *ctx, const char *room, const struct channels *channels) {
    (void)ctx, (void)room, (void)channels;
}

static void settle(struct world *w) {
    struct hub_meta meta = {.title = STR("T"), .format = STR("f"), .record = RECORD_MANUAL};
    if (w->is_loading && w->mirror.life != LIFE_ENDED) {
        w->is_loading = false;
        hub_on_room_loaded(w->hub, "r", 0, &meta, &(struct hub_past){.n = 0});
    }
    if (w->is_finding) {
        w->is_finding = false;
        hub_on_found(w->hub, &w->finding, 0, NULL, 0, 0);
    }
    hub_on_committed(w->hub, "r", w->load, w->seq);
}

static void enter(struct world *w, uint64_t conn) {
    char jwt[TICKET_MAX + 1], text[TICKET_MAX + 64];
    struct ticket t = {.room = "r", .iat_s = 1, .exp_s = 1000000};
    snprintf(t.sub, sizeof t.sub, "u%d", (int)(conn % CLIENTS));
    STR_COPY(t.name, STR("Name"));
    STR_COPY(t.role, str_of(role_name((enum role)(conn % CLIENTS))));
    if (ticket_mint(jwt, &t, (struct bytes){key, sizeof key}) || !hub_on_open(w->hub, conn, STR("a")))
        abort();
    int n = snprintf(text, sizeof text, "{\"type\":\"join\",\"ticket\":\"%s\"}", jwt);
    hub_on_message(w->hub, conn, (struct str){text, (size_t)n});
    settle(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct world w = {.now_us = 1000000};
    struct hub_cfg cfg = {.ops = {.ctx = &w,
                                  .send = on_send,
                                  .close = on_close,
                                  .journal = on_journal,
                                  .image = on_image,
                                  .load_room = on_load,
                                  .find = on_find,
                                  .room_life = on_life,
                                  .record_start = on_start,
                                  .record_stop = on_stop,
                                  .record_program = on_pick,
                                  .record_screen = on_pick_screen,
                                  .record_channels = on_channels},
                          .formats = &format,
                          .format_count = 1,
                          .ticket_key = {key, sizeof key}};
    struct str rest = {(const char *)data, size}, line;
    log_level = LOG_LV_ERROR;
    if (hub_open(&w.hub, &cfg))
        abort();
    room_init(&w.mirror, &(struct room_cfg){&format, RECORD_MANUAL, false, 0});
    hub_clock(w.hub, w.now_us, w.now_us / 1000);
    for (uint64_t c = 0; c < CLIENTS; c++)
        enter(&w, c);
    for (int i = 0; i < LINES_MAX && str_until(&rest, '\n', &line); i++) {
        if (!line.n)
            continue;
        if (line.p[0] == '!') {
            w.now_us += 1000000;
            hub_clock(w.hub, w.now_us, w.now_us / 1000);
            hub_tick(w.hub);
        } else {
            hub_on_message(w.hub, (uint8_t)line.p[0] % CLIENTS, (struct str){line.p + 1, line.n - 1});
        }
        settle(&w);
    }
    struct hub_brief brief;
    if (hub_room_brief(w.hub, "r", &brief) &&
        (brief.life != w.mirror.life || brief.present != w.mirror.count[MEMBER_PRESENT]))
        abort();
    hub_close(w.hub);
    room_fini(&w.mirror);
    return 0;
}

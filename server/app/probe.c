#include "server/app/probe.h"

#include <uv.h>

#include "media/base/err.h"
#include "media/base/json.h"
#include "media/base/mem.h"
#include "media/media.h"
#include "server/http/api.h"

enum { BUSY_RETRY_MS = 2000 };
/* Rooms of people are counted from 1 by the hub and never get that far. */
#define PROBE_ROOMS (UINT64_C(1) << 40)

struct probes {
    struct probes_cfg cfg;
    uv_timer_t timer;
    uint64_t first, next; /* checks under way, oldest first: room PROBE_ROOMS + n */
    struct {
        uint64_t ends_ms; /* loop time */
        char addr[GATE_ADDR_MAX];
    } check[PROBES_MAX]; /* check n is at n % PROBES_MAX */
};

static void arm(struct probes *p);

static void on_timer(uv_timer_t *t) {
    struct probes *p = t->data;
    uint64_t now_ms = uv_now(p->cfg.loop);
    for (; p->first != p->next && p->check[p->first % PROBES_MAX].ends_ms <= now_ms; p->first++)
        media_room_close(p->cfg.media, PROBE_ROOMS + p->first);
    arm(p);
}

static void arm(struct probes *p) {
    uint64_t now_ms = uv_now(p->cfg.loop), end_ms = p->check[p->first % PROBES_MAX].ends_ms;
    if (p->first != p->next)
        uv_timer_start(&p->timer, on_timer, end_ms > now_ms ? end_ms - now_ms : 0, 0);
}

static void refuse(struct probes *p, uint64_t call, int err, const char *text) {
    struct reply r;
    reply_init(&r);
    api_error(&r, err, err == -ERR_INVALID ? "sdp" : NULL, text, err == -ERR_BUSY ? BUSY_RETRY_MS : 0);
    http_answer(p->cfg.http, call, &r);
}

/* Takes j over. */
static void answer(struct probes *p, uint64_t call, struct json *j) {
    struct reply r;
    reply_init(&r);
    r.status = 200;
    r.type = "application/json";
    json_write(j, &r.body);
    json_free(j);
    http_answer(p->cfg.http, call, &r);
}

static void on_get(struct probes *p, uint64_t call, const struct req *req) {
    struct json *j = json_object(), *ice = NULL;
    struct buf b;
    buf_init(&b, REQ_ARENA_MAX);
    turn_ice(&p->cfg.turn, "probe", req->now_ms, &b);
    json_set(j, "ice", json_parse(&ice, buf_view(&b)) ? json_array() : ice);
    json_set_int(j, "life_ms", PROBE_LIFE_MS);
    buf_fini(&b);
    answer(p, call, j);
}

/* Is there a place, and for who is at this address? */
static bool has_place(const struct probes *p, struct str addr) {
    unsigned his = 0;
    for (uint64_t n = p->first; n != p->next; n++)
        his += str_is(addr, p->check[n % PROBES_MAX].addr);
    return p->next - p->first < PROBES_MAX && his < PROBES_ADDR_MAX;
}

static void on_post(struct probes *p, uint64_t call, struct str addr, struct str offer) {
    char sentence[160] = "";
    uint64_t peer;
    struct buf sdp;
    struct media_peer_spec spec = {
        .kind = MEDIA_VIEW, .room = PROBE_ROOMS + p->next, .member = "probe", .offer = offer};
    if (!has_place(p, addr)) {
        refuse(p, call, -ERR_BUSY, "Many people check their connection at the moment; try again soon.");
        return;
    }
    buf_init(&sdp, MEDIA_SDP_MAX_BYTES);
    int err = media_peer_open(p->cfg.media, &spec, &peer, &sdp, sentence);
    if (err) {
        media_room_close(p->cfg.media, spec.room);
        refuse(p, call, err, sentence);
    } else {
        p->check[p->next % PROBES_MAX].ends_ms = uv_now(p->cfg.loop) + PROBE_LIFE_MS;
        (void)STR_COPY(p->check[p->next++ % PROBES_MAX].addr, addr);
        arm(p);
        struct json *j = json_object();
        json_set_str(j, "sdp", buf_view(&sdp));
        answer(p, call, j);
    }
    buf_fini(&sdp);
}

void probes_on_request(struct probes *p, uint64_t call, const struct req *req) {
    struct json *j = NULL;
    struct str type = req->content_type, first, offer;
    if (req->method != REQ_POST) {
        on_get(p, call, req);
    } else if (!str_until(&type, ';', &first) || !str_ieq(str_trim(first), STR("application/json"))) {
        refuse(p, call, -ERR_MEDIA_TYPE, "Send the offer as JSON.");
    } else if (json_parse(&j, (struct str){(const char *)req->body.p, req->body.n}) ||
               !json_get_str(j, "sdp", &offer)) {
        refuse(p, call, -ERR_INVALID, "The request has no offer in it.");
    } else {
        on_post(p, call, req->addr, offer);
    }
    json_free(j);
}

void probes_open(struct probes **out, const struct probes_cfg *cfg) {
    struct probes *p = mem_zalloc(sizeof *p);
    p->cfg = *cfg;
    uv_timer_init(cfg->loop, &p->timer);
    p->timer.data = p;
    *out = p;
}

void probes_close(struct probes *p) {
    if (!p)
        return;
    for (; p->first != p->next; p->first++)
        media_room_close(p->cfg.media, PROBE_ROOMS + p->first);
    uv_close((uv_handle_t *)&p->timer, NULL);
}

void probes_free(struct probes *p) { mem_free(p); }

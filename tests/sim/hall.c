#include "tests/sim/hall.h"
#include "media/base/rnd.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

/* ---- the wire ---- */

static struct addr seat_addr(const struct hall *h, const struct hall_seat *s) {
    struct addr a;
    char ip[32];
    unsigned i = s ? (unsigned)(s - h->seat) : 250;
    snprintf(ip, sizeof ip, "10.0.%u.%u", i / 200, i % 200 + 1);
    addr_parse(&a, str_of(ip), (uint16_t)(5000 + (s ? s->moves : 0)));
    return a;
}

static bool is_dtls(const uint8_t *p) { return p[0] >= 20 && p[0] < 64; }

static size_t hall_send(void *ctx, const struct udp_out *v, size_t n) {
    struct hall_port *port = ctx;
    struct hall *h = port->hall;
    size_t done = 0;
    for (; done < n && h->sendable; done++) {
        bool known = false;
        for (unsigned i = 0; i < h->seats; i++) {
            struct addr to = seat_addr(h, &h->seat[i]);
            if (!addr_eq(&to, &v[done].path.remote))
                continue;
            known = true;
            h->seat[i].bytes += v[done].n;
            net_send(is_dtls(v[done].p) ? h->calm_down
                     : h->seat[i].line  ? h->seat[i].line
                                        : h->net_down,
                     i, v[done].p, v[done].n, h->now_us);
        }
        h->nobody += !known;
        h->nobody_bytes += known ? 0 : v[done].n;
        h->sendable -= h->sendable != UINT32_MAX;
    }
    return done;
}

static void seat_out(void *ctx, const uint8_t *p, size_t n, int64_t now_us) {
    struct hall_seat *s = ctx;
    if (!s->mute_wire)
        net_send(is_dtls(p) ? s->hall->calm_up : s->hall->net_up, (uint64_t)(s - s->hall->seat), p, n,
                 now_us);
}

void hall_inject(struct hall *h, const struct hall_seat *seat, const uint8_t *p, size_t n) {
    uint8_t copy[2048];
    struct addr_path path = {.remote = seat_addr(h, seat)};
    memcpy(copy, p, n);
    plane_datagram(h->plane[seat ? seat->plane : 0], copy, n, &path, h->now_us);
}

/* ---- control ---- */

/* A publisher sends the layers that are wanted, as the page does. */
static void hall_layers(struct hall_seat *s, const char *off) {
    STR_COPY(s->layers_off, str_of(off));
    for (unsigned k = 0; k < s->end->spec.layers; k++)
        endpoint_sleep(s->end, k, strstr(off, endpoint_layer(s->end, k)->rid) != NULL);
}

static void hall_emit(void *ctx, const struct media_event *e) {
    struct hall *h = ((struct hall_port *)ctx)->hall;
    h->events[e->type]++;
    for (unsigned i = 0; i < h->seats; i++) {
        struct hall_seat *s = &h->seat[i];
        if (s->peer != e->peer)
            continue;
        s->up += e->type == MEDIA_EV_PEER_UP;
        s->down += e->type == MEDIA_EV_PEER_DOWN;
        s->up_us = e->type == MEDIA_EV_PEER_UP ? h->now_us : s->up_us;
        s->down_us = e->type == MEDIA_EV_PEER_DOWN ? h->now_us : s->down_us;
        if (e->type == MEDIA_EV_SLOTS)
            STR_COPY(s->slots, str_of(e->text));
        if (e->type == MEDIA_EV_LAYERS)
            hall_layers(s, e->text);
    }
    if (e->type == MEDIA_EV_SPEAKING) {
        STR_COPY(h->speaking, str_of(e->text));
        h->speaking_us = h->now_us;
    }
    mem_free(e->text);
}

static void hall_watch(void *ctx, int fd, uint64_t tap, bool on) {
    (void)ctx;
    (void)fd;
    (void)tap;
    (void)on;
}

void hall_open(struct hall *h, unsigned planes, const struct net_cfg *each_way, uint64_t seed) {
    char err[256];
    memset(h, 0, sizeof *h);
    assert_int_equal(dtls_global_init(NULL, NULL, err), 0);
    assert_int_equal(secure_global_init(), 0);
    const char *other = getenv("SIM_SEED");
    seed = other ? strtoull(other, NULL, 10) : seed;
    h->now_us = 1000 * (int64_t)SECOND;
    h->seed = seed;
    h->sendable = UINT32_MAX;
    h->net_up = net_open(each_way, seed);
    h->net_down = net_open(each_way, seed + 1);
    struct net_cfg calm = {.delay_us = each_way->delay_us};
    h->calm_up = net_open(&calm, seed + 2);
    h->calm_down = net_open(&calm, seed + 3);
    h->planes = planes;
    for (unsigned i = 0; i < planes; i++)
        assert_int_equal(mailbox_open(&h->relay[i], sizeof(struct relay_msg), RELAY_BOX), 0);
    for (unsigned i = 0; i < planes; i++) {
        h->port[i] = (struct hall_port){h, i};
        struct plane_cfg c = {.worker = i,
                              .send = hall_send,
                              .send_ctx = &h->port[i],
                              .emit = hall_emit,
                              .emit_ctx = &h->port[i],
                              .watch = hall_watch,
                              .relay = planes > 1 ? h->relay : NULL,
                              .ntp_minus_mono_us = INT64_C(3900000000) * SECOND};
        h->plane[i] = mem_zalloc(sizeof *h->plane[i]);
        plane_init(h->plane[i], &c);
    }
}

/* Whatever was the matter: a viewer's headers were right (endpoint.h). */
static void hall_judge(const struct hall_seat *s) {
    const struct endpoint_heads *n = &s->end->heads;
    if (n->bad || n->youngest_us < 0)
        fail_msg("%s: %u of %u headers wrong, the youngest of %lld us", s->member, n->bad, n->packets,
                 (long long)n->youngest_us);
}

void hall_close(struct hall *h) {
    for (unsigned i = 0; i < h->seats; i++)
        hall_judge(&h->seat[i]);
    for (unsigned i = 0; i < h->planes; i++) {
        plane_fini(h->plane[i], h->now_us);
        mem_free(h->plane[i]);
        mailbox_close(h->relay[i]);
    }
    for (unsigned i = 0; i < h->seats; i++) {
        endpoint_close(h->seat[i].end);
        net_close(h->seat[i].line);
    }
    net_close(h->net_up);
    net_close(h->net_down);
    net_close(h->calm_up);
    net_close(h->calm_down);
}

/* What media_peer_open does, with the peer's plane given. */
static struct hall_seat *seat_open(struct hall *h, unsigned plane, const char *member,
                                   struct endpoint_spec *spec) {
    assert_true(h->seats < HALL_SEATS_MAX);
    struct hall_seat *s = &h->seat[h->seats++];
    *s = (struct hall_seat){.hall = h,
                            .plane = plane,
                            .peer = h->seats,
                            .source = h->seats,
                            .level = 127,
                            .packets = 4,
                            .joined_us = h->now_us};
    STR_COPY(s->member, str_of(member));
    spec->out = seat_out;
    spec->ctx = s;
    s->end = endpoint_open(spec);
    char err[SDP_ERR_MAX];
    struct buf offer, answer;
    buf_init(&offer, SDP_MAX_BYTES);
    buf_init(&answer, SDP_MAX_BYTES);
    endpoint_offer(s->end, &offer);
    struct sdp_offer *o = mem_zalloc(sizeof *o);
    struct sdp_negotiated *n = mem_zalloc(sizeof *n);
    struct peer_cfg *c = mem_zalloc(sizeof *c);
    assert_int_equal(sdp_parse(o, buf_view(&offer), err), 0);
    ice_creds_make(&c->creds);
    for (unsigned i = 0; i < MEDIA_AUDIO_SLOTS; i++)
        c->audio[i].ssrc = rnd_u32() | 1;
    for (unsigned i = 0; i < MEDIA_VIDEO_SLOTS_MAX; i++)
        c->video[i] = (struct sdp_ssrc){rnd_u32() | 1, rnd_u32() | 1};
    struct sdp_local l = {.side = spec->publish ? SDP_PUBLISH : SDP_VIEW,
                          .ufrag = c->creds.ufrag,
                          .pwd = c->creds.pwd,
                          .fingerprint = dtls_fingerprint(),
                          .cname = "somhub",
                          .session_id = 1,
                          .twcc = true,
                          .audio_count = MEDIA_AUDIO_SLOTS,
                          .video_count = MEDIA_VIDEO_SLOTS_MAX,
                          .audio = c->audio,
                          .video = c->video};
    if (sdp_answer(&answer, o, &l, n, err))
        fail_msg("%s", err);
    c->id = s->peer;
    c->room = HALL_ROOM;
    c->kind = spec->publish ? MEDIA_PUBLISH : MEDIA_VIEW;
    c->home = plane == 0;
    STR_COPY(c->member, str_of(member));
    STR_COPY(c->creds.remote_ufrag, n->remote_ufrag);
    STR_COPY(c->creds.remote_pwd, n->remote_pwd);
    memcpy(c->remote_fp, n->remote_fp, sizeof c->remote_fp);
    c->dtls_server = n->passive;
    c->line_count = n->line_count;
    memcpy(c->line, n->line, sizeof c->line);
    for (unsigned i = 0; i < n->line_count; i++)
        c->source[i] = n->line[i].kind == SDP_VIDEO ? MEDIA_CAMERA : MEDIA_MIC;
    struct cmd cmd = {.type = CMD_PEER_OPEN, .id = s->peer, .room = HALL_ROOM, .p = c};
    plane_command(h->plane[plane], &cmd, h->now_us);
    assert_true(endpoint_answer(s->end, buf_view(&answer), h->now_us));
    mem_free(o);
    mem_free(n);
    buf_fini(&offer);
    buf_fini(&answer);
    return s;
}

struct hall_seat *hall_publish(struct hall *h, const char *member, enum codec codec) {
    struct endpoint_spec e = {.publish = true,
                              .audio = 1,
                              .video = 1,
                              .codec = codec,
                              .undeclared = h->undeclared,
                              .red = h->red,
                              .layers = h->layers,
                              .rids = h->rids};
    struct hall_seat *s = seat_open(h, 0, member, &e);
    s->camera = s->mic = true;
    return s;
}

struct hall_seat *hall_view(struct hall *h, unsigned plane, const char *member, enum codec codec,
                            unsigned slots) {
    struct endpoint_spec e = {
        .audio = 3, .video = slots, .codec = codec, .red = h->red, .silent = h->silent, .ids = h->seats};
    struct hall_seat *s = seat_open(h, plane, member, &e);
    if (plane) {
        struct cmd c = {.type = CMD_RELAY_OPEN, .room = HALL_ROOM, .worker = plane, .home = true};
        plane_command(h->plane[0], &c, h->now_us);
    }
    return s;
}

void hall_stage(struct hall *h, const char *const *members, unsigned n) {
    for (unsigned p = 0; p < h->planes; p++) {
        struct cmd_picks *k = mem_zalloc(sizeof *k);
        k->n = n;
        for (unsigned i = 0; i < n; i++) {
            k->pick[i].source = MEDIA_CAMERA;
            STR_COPY(k->pick[i].member, str_of(members[i]));
        }
        struct cmd c = {.type = CMD_STAGE, .room = HALL_ROOM, .home = p == 0, .p = k};
        plane_command(h->plane[p], &c, h->now_us);
    }
}

void hall_move(struct hall_seat *s) { s->moves++; }

void hall_restart(struct hall_seat *s) {
    struct ice_creds *k = mem_zalloc(sizeof *k);
    endpoint_renew(s->end);
    ice_creds_make(k);
    STR_COPY(k->remote_ufrag, str_of(s->end->ufrag));
    STR_COPY(s->end->remote_ufrag, str_of(k->ufrag));
    STR_COPY(s->end->remote_pwd, str_of(k->pwd));
    s->end->reachable = false;
    s->end->check_us = s->hall->now_us;
    struct cmd c = {.type = CMD_PEER_RESTART, .id = s->peer, .p = k};
    plane_command(s->hall->plane[s->plane], &c, s->hall->now_us);
}

/* ---- time ---- */

static void seat_picture(struct hall_seat *s, int64_t now_us) {
    for (unsigned k = 0; k < s->end->spec.layers || !k; k++) {
        const struct endpoint_line *l = endpoint_layer(s->end, k);
        if (!l->asleep)
            endpoint_picture(s->end, (unsigned)(l - s->end->line), s->source + k * HALL_LAYER, s->packets,
                             false, now_us);
    }
}

static void seat_step(struct hall_seat *s, int64_t now_us) {
    endpoint_step(s->end, now_us);
    if (s->mic && now_us >= s->sound_us) {
        endpoint_sound(s->end, 0, s->source, s->level, now_us);
        s->sound_us = now_us + 20 * MS;
    }
    if (s->camera && now_us >= s->picture_us) {
        seat_picture(s, now_us);
        s->picture_us = now_us + 33 * MS;
    }
    for (unsigned i = 0; i < s->end->lines && !s->first_us; i++) {
        if (!s->end->spec.publish && s->end->line[i].video && s->end->line[i].shown)
            s->first_us = now_us;
    }
}

static int64_t hall_next_us(const struct hall *h) {
    int64_t at = env_min(net_next_us(h->net_up), net_next_us(h->net_down));
    at = env_min(at, env_min(net_next_us(h->calm_up), net_next_us(h->calm_down)));
    for (unsigned i = 0; i < h->planes; i++)
        at = env_min(at, plane_next_us(h->plane[i]));
    for (unsigned i = 0; i < h->seats; i++) {
        const struct hall_seat *s = &h->seat[i];
        at = env_min(at, endpoint_next_us(s->end));
        at = s->mic ? env_min(at, s->sound_us) : at;
        at = s->camera ? env_min(at, s->picture_us) : at;
        at = s->line ? env_min(at, net_next_us(s->line)) : at;
    }
    return at;
}

static void hall_deliver(struct hall *h) {
    struct net_packet p;
    while (net_recv(h->calm_up, h->now_us, &p) || net_recv(h->net_up, h->now_us, &p)) {
        struct hall_seat *s = &h->seat[p.tag];
        struct addr_path path = {.remote = seat_addr(h, s)};
        plane_datagram(h->plane[s->plane], p.data, p.n, &path, h->now_us);
    }
    /* The last of a handshake leaves before the first media and arrives before it. */
    while (net_recv(h->calm_down, h->now_us, &p) || net_recv(h->net_down, h->now_us, &p))
        endpoint_feed(h->seat[p.tag].end, p.data, p.n, h->now_us);
    for (unsigned i = 0; i < h->seats; i++) {
        while (h->seat[i].line && net_recv(h->seat[i].line, h->now_us, &p))
            endpoint_feed(h->seat[i].end, p.data, p.n, h->now_us);
    }
}

void hall_line(struct hall *h, struct hall_seat *s, const struct net_cfg *down) {
    if (s->line)
        net_set(s->line, down);
    else
        s->line = net_open(down, h->seed * HALL_SEATS_MAX + (uint64_t)(s - h->seat));
}

void hall_run(struct hall *h, int64_t for_us) {
    int64_t end_us = h->now_us + for_us;
    for (;;) {
        hall_deliver(h);
        for (unsigned i = 0; i < h->seats; i++)
            seat_step(&h->seat[i], h->now_us);
        /* The relay crosses in both directions: a request back must not wait for the next packet. */
        for (unsigned i = 0; i < h->planes * 2; i++) {
            unsigned k = i % h->planes;
            while (h->planes > 1 && plane_relay(h->plane[k], h->now_us))
                ;
            plane_turn(h->plane[k], h->now_us);
            plane_shake(h->plane[k], h->now_us);
        }
        int64_t next_us = hall_next_us(h);
        if (next_us >= end_us)
            break;
        h->now_us = next_us > h->now_us ? next_us : h->now_us + MS / 2;
    }
    h->now_us = end_us;
}

const struct endpoint_line *hall_screen(const struct hall_seat *s, unsigned slot) {
    return &s->end->line[3 + slot];
}

const struct endpoint_line *hall_ear(const struct hall_seat *s, uint32_t source) {
    for (unsigned i = 0; i < 3; i++) {
        if (s->end->line[i].shown && s->end->line[i].source == source)
            return &s->end->line[i];
    }
    return NULL;
}

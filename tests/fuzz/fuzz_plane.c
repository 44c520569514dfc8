/* A room driven by a script of bytes: a publisher and a viewer past their handshake send whatever RTP and
 * RTCP they like (as it is after decryption), control changes its mind, time passes. Nothing may crash, and
 * no outgoing stream may use a sequence number twice or go past its slots. Script: op, length, bytes… See
 * `steps`. */
#include "media/rtc/plane.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    ROOM = 1,
    PUB = 1,
    VIEW = 2,
    SSRC_AUDIO = 0x100,
    SSRC_VIDEO = 0x200,
    SSRC_RTX = 0x300,
    STEPS_MAX = 400
};

static struct plane *plane;
static struct peer *speaker, *viewer;
static int64_t now_us;

static void check(bool ok) {
    if (!ok)
        abort();
}

static size_t swallow(void *ctx, const struct udp_out *v, size_t n) {
    (void)ctx;
    for (size_t i = 0; i < n; i++)
        check(v[i].n <= SENDQ_BYTES && v[i].n > 0);
    return n - (n > 3 && now_us % 7 == 0); /* now and then the socket is full */
}

static void forget(void *ctx, const struct media_event *e) {
    (void)ctx;
    check(e->type != MEDIA_EV_SLOTS || (e->text && e->text[0] == '{'));
    mem_free(e->text);
}

static void watch(void *ctx, int fd, uint64_t tap, bool on) {
    (void)ctx;
    (void)fd;
    (void)tap;
    (void)on;
}

static struct sdp_line line_of(unsigned index, enum sdp_kind kind, int slot) {
    struct sdp_line l = {.index = index, .mid = {(char)('0' + index)}, .kind = kind, .slot = slot};
    l.dir = slot < 0 ? SDP_RECVONLY : SDP_SENDONLY;
    uint8_t fb = SDP_FB_NACK | SDP_FB_PLI;
    if (kind == SDP_AUDIO)
        l.codec[SDP_OPUS] = (struct sdp_codec_choice){.pt = 111, .rtx = SDP_PT_NONE, .red = 63, .on = true};
    else {
        l.codec[SDP_H264] = (struct sdp_codec_choice){.pt = 102, .rtx = 103, .fb = fb, .on = true};
        l.codec[SDP_VP8] = (struct sdp_codec_choice){.pt = 96, .rtx = 97, .fb = fb, .on = true};
        l.codec[SDP_VP9] = (struct sdp_codec_choice){.pt = 98, .rtx = 99, .fb = fb, .on = true};
        l.codec[SDP_AV1] = (struct sdp_codec_choice){.pt = 46, .rtx = 47, .fb = fb, .on = true};
        l.ext[SDP_EXT_DD] = 5;
    }
    l.ext[SDP_EXT_LEVEL] = 1;
    l.ext[SDP_EXT_TWCC] = 3;
    l.ext[SDP_EXT_MID] = 4;
    return l;
}

static struct peer *join(uint64_t id, enum media_peer_kind kind) {
    struct peer_cfg *c = mem_zalloc(sizeof *c);
    c->id = id;
    c->room = ROOM;
    c->kind = kind;
    c->home = true;
    c->member[0] = (char)('a' + id);
    c->creds.ufrag[0] = (char)('u' + id);
    c->source[1] = MEDIA_CAMERA;
    c->line[0] = line_of(0, SDP_AUDIO, kind == MEDIA_VIEW ? 0 : -1);
    c->line[1] = line_of(1, SDP_VIDEO, kind == MEDIA_VIEW ? 0 : -1);
    c->line_count = 2;
    if (kind == MEDIA_PUBLISH) {
        c->line[0].ssrc[0] = (struct sdp_ssrc){SSRC_AUDIO, 0};
        c->line[1].ssrc[0] = (struct sdp_ssrc){SSRC_VIDEO, SSRC_RTX};
        c->line[0].ssrc_count = c->line[1].ssrc_count = 1;
    }
    c->audio[0] = (struct sdp_ssrc){11, 0};
    c->video[0] = (struct sdp_ssrc){12, 13};
    struct cmd cmd = {.type = CMD_PEER_OPEN, .id = id, .room = ROOM, .p = c};
    plane_command(plane, &cmd, now_us);
    struct peer *p = map_get(&plane->peers, id);
    struct secure_keys keys = {.profile = SECURE_AEAD_AES_128_GCM, .tx = {1}, .rx = {2}};
    check(p && !secure_open(&p->leg.secure, &keys));
    p->up = p->leg.up = true;
    p->quality_us = p->report_us = now_us + 1000000;
    if (p->view)
        router_view_add(p->room, p->view);
    return p;
}

static void stage(unsigned n, bool want) {
    struct cmd_picks *k = mem_zalloc(sizeof *k);
    k->n = n % 3;
    for (unsigned i = 0; i < k->n; i++)
        k->pick[i] = (struct view_pick){{(char)('a' + PUB)}, i ? MEDIA_SCREEN : MEDIA_CAMERA};
    struct cmd c = {.type = want ? CMD_WANT : CMD_STAGE, .room = ROOM, .id = VIEW, .home = true, .p = k};
    plane_command(plane, &c, now_us);
}

static void block(bool on) {
    struct view_pick *k = mem_zalloc(sizeof *k);
    *k = (struct view_pick){{(char)('a' + PUB)}, MEDIA_CAMERA};
    struct cmd c = {.type = CMD_BLOCK, .room = ROOM, .home = true, .on = on, .p = k};
    plane_command(plane, &c, now_us);
}

/* What peer_rtp does with a packet that authenticated. */
static void arrive(struct bytes pkt) {
    publish_rtp(speaker->pub, pkt, now_us);
    env_arm(&plane->env, &speaker->timer, publish_next_us(speaker->pub));
}

/* A well-formed packet out of few bytes: stream and type, seq, ts, of AV1 a dependency descriptor after its
 * length, then the payload. */
static void packet(struct bytes b) {
    static const uint8_t pts[8] = {111, 102, 96, 103, 97, 98, 46, 96};
    uint8_t pkt[400];
    struct rd r = rd_init(b.p, b.n);
    uint8_t kind = rd_u8(&r), seq = rd_u8(&r), ts = rd_u8(&r);
    struct rtp_out o = {.pt = pts[kind & 7],
                        .marker = kind & 8,
                        .seq = (uint16_t)(seq * (kind & 16 ? 257 : 1)),
                        .ts = ts * 3000u,
                        .map = {.mid = 4, .transport_cc = 3, .audio_level = 1},
                        .mid = "1",
                        .mid_n = kind & 32 ? 1 : 0,
                        .has_level = true,
                        .level_dbov = kind & 127,
                        .voice = true,
                        .transport_seq = seq};
    if (o.pt == 46) {
        size_t dd = rd_u8(&r);
        o.map.dd = 5;
        o.dd = rd_bytes(&r, dd < rd_left(&r) ? dd : rd_left(&r));
    }
    o.ssrc = o.pt == 111 ? SSRC_AUDIO : (o.pt & 1) && o.pt != 111 ? SSRC_RTX : SSRC_VIDEO;
    o.ssrc += kind & 64 ? 1u : 0; /* one nobody declared */
    int n = rtp_write(&o, rd_rest(&r), pkt, sizeof pkt);
    if (n > 0 && publish_admits(speaker->pub, o.ssrc))
        arrive((struct bytes){pkt, (size_t)n});
}

/* A NACK, PLI or report of the viewer about what it was sent. */
static void complain(struct bytes b) {
    struct slot *s = &viewer->view->slot[1];
    for (size_t i = 0; i < b.n; i++)
        slot_nack(s, (uint16_t)(s->follow.rewrite.next_out - b.p[i]), now_us);
    slot_ask(s, now_us);
}

static void settle(void) {
    plane_turn(plane, now_us);
    plane_shake(plane, now_us);
    check(plane->peers.n == 2); /* what they send never brings them down */
    check(plane->env.n.tracks <= 2);
    for (unsigned i = 0; i < 2; i++) {
        const struct follow *f = &viewer->view->slot[i].follow;
        check(!follow_track(f) == (f->state == FOLLOW_EMPTY));
    }
}

static void step(uint8_t op, struct bytes b) {
    switch (op % 10) {
    case 0:
    case 1:
    case 2:
        packet(b);
        break;
    case 3:
        arrive(b);
        break;
    case 4:
        publish_rtcp(speaker->pub, b, now_us);
        break;
    case 5:
        watch_rtcp(viewer->view, &viewer->leg, b, now_us);
        break;
    case 6:
        complain(b);
        break;
    case 7:
        now_us += 1000 * (1 + (int64_t)(b.n ? b.p[0] : 0) * 8);
        viewer->ice.consent_us = now_us; /* both go on consenting */
        viewer->ice.opened_us = now_us;
        break;
    case 8:
        stage(b.n, op & 16);
        break;
    default:
        block(b.n & 1);
        viewer->view->audio_only = b.n & 2;
        view_save(viewer->view, b.n & 4);
        router_view_changed(viewer->room, viewer->view);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    secure_global_init();
    now_us = 1000000000;
    plane = mem_zalloc(sizeof *plane);
    struct plane_cfg cfg = {.send = swallow, .emit = forget, .watch = watch};
    plane_init(plane, &cfg);
    speaker = join(PUB, MEDIA_PUBLISH);
    viewer = join(VIEW, MEDIA_VIEW);
    stage(1, false);
    struct rd r = rd_init(data, size);
    for (unsigned i = 0; i < STEPS_MAX && rd_left(&r) > 1; i++) {
        uint8_t op = rd_u8(&r), n = rd_u8(&r);
        size_t left = rd_left(&r);
        step(op, rd_bytes(&r, n < left ? n : left));
        speaker->ice.consent_us = speaker->ice.opened_us = now_us;
        if (i % 3 == 0)
            settle();
    }
    settle();
    plane_fini(plane, now_us);
    mem_free(plane);
    return 0;
}

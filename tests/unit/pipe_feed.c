#include "tests/unit/pipe_feed.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "media/base/av1.h"
#include "media/base/mem.h"
#include "media/base/rd.h"
#include "media/base/wr.h"

enum { MTU_PAYLOAD = 1100, STEP_US = 5000, REPAIR_US = 120000, OPUS_US = 20000, REPORT_US = 2000000 };

static uint32_t rnd(struct feed *f) {
    f->rng = f->rng * 1664525u + 1013904223u;
    return f->rng >> 8;
}
static bool chance(struct feed *f, double p) { return rnd(f) < p * (1 << 24); }

void feed_init(struct feed *f, int64_t now_us) {
    static const char *const plugins[] = {"coreelements", "opus", "x264", "vpx", "voaacenc", "aom"};
    if (element_plugins(plugins, countof(plugins)))
        abort();
    *f = (struct feed){.now_us = now_us, .rng = 1};
}
void feed_fini(struct feed *f) {
    for (size_t i = 0; i < f->in_flight; i++)
        mem_free(f->flight[i]);
    for (size_t i = 0; i < f->n; i++) {
        element_close(f->senders[i].encoder);
        mem_free(f->senders[i].raw);
    }
}
struct feed_sender *feed_find(struct feed *f, uint32_t track) {
    for (size_t i = 0; i < f->n; i++)
        if (f->senders[i].track == track)
            return &f->senders[i];
    return NULL;
}

/* --- network --- */
static void fly(struct feed *f, const struct frame *frame, int64_t arrival_us) {
    if (f->in_flight == FEED_FLIGHT_MAX)
        abort();
    struct feed_flight *p = mem_zalloc(sizeof *p);
    int n = frame_write(frame, p->msg, sizeof p->msg);
    if (n < 0)
        abort();
    p->n = (size_t)n;
    p->arrival_us = arrival_us;
    size_t i = f->in_flight++;
    for (; i && f->flight[i - 1]->arrival_us < arrival_us; i--)
        f->flight[i] = f->flight[i - 1];
    f->flight[i] = p; /* latest first */
}
static void deliver(struct feed *f) {
    while (f->in_flight && f->flight[f->in_flight - 1]->arrival_us <= f->now_us) {
        struct feed_flight *p = f->flight[--f->in_flight];
        struct frame frame;
        if (frame_parse(&frame, (struct bytes){p->msg, p->n}))
            abort();
        frame.arrival_us = p->arrival_us;
        f->send(f->arg, &frame);
        mem_free(p);
    }
}
static uint32_t stamp(const struct feed_sender *s, int64_t capture_us) {
    double hz = s->codec == FRAME_OPUS ? 48000 : 90000;
    return s->ts_base + (uint32_t)(int64_t)llround((double)capture_us * (1 + s->ppm / 1e6) * hz / 1e6);
}
static void send_rtp(struct feed *f, struct feed_sender *s, bool marker, const uint8_t *head, size_t head_n,
                     struct bytes body) {
    uint8_t packet[FRAME_MAX];
    struct wr w = wr_init(packet, sizeof packet);
    wr_u8(&w, 0x80);
    wr_u8(&w, (uint8_t)(96 | (marker ? 0x80 : 0)));
    wr_u16(&w, s->seq++);
    wr_u32(&w, stamp(s, f->at_us));
    wr_u32(&w, s->ssrc);
    wr_put(&w, head, head_n);
    wr_put(&w, body.p, body.n);
    struct frame frame = {.kind = FRAME_RTP,
                          .media = s->codec == FRAME_OPUS ? FRAME_AUDIO : FRAME_VIDEO,
                          .codec = s->codec,
                          .track = s->track,
                          .clock_hz = s->codec == FRAME_OPUS ? 48000 : 90000,
                          .payload = {packet, wr_len(&w)}};
    int64_t arrival =
        f->at_us + FEED_DELAY_US + s->extra_delay_us + (f->jitter_us ? rnd(f) % f->jitter_us : 0);
    frame.arrival_us = arrival;
    s->sent++;
    if (chance(f, f->loss)) {
        if (!chance(f, f->repair))
            return;
        arrival += REPAIR_US;
    }
    frame.arrival_us = arrival;
    fly(f, &frame, arrival);
}
static void send_report(struct feed *f, struct feed_sender *s) {
    uint8_t body[12];
    struct wr w = wr_init(body, sizeof body);
    uint64_t us = (uint64_t)f->at_us + 3900000000000000u; /* an NTP time of its own */
    wr_u32(&w, (uint32_t)(us / 1000000));
    wr_u32(&w, (uint32_t)(((us % 1000000) << 32) / 1000000));
    wr_u32(&w, stamp(s, f->at_us));
    struct frame frame = {.kind = FRAME_SR,
                          .track = s->track,
                          .codec = s->codec,
                          .clock_hz = s->codec == FRAME_OPUS ? 48000 : 90000,
                          .payload = {body, sizeof body}};
    frame.media = s->codec == FRAME_OPUS ? FRAME_AUDIO : FRAME_VIDEO;
    fly(f, &frame, f->at_us + FEED_DELAY_US);
}

/* --- packetizers --- */
static bool next_nal(struct rd *r, struct bytes *nal) { /* Annex B, as x264 writes it: 3- or 4-byte codes */
    const uint8_t *p = r->p;
    while (p + 3 < r->end && !(!p[0] && !p[1] && p[2] == 1))
        p++;
    if (p + 3 >= r->end)
        return false;
    const uint8_t *start = p += 3;
    while (p + 3 <= r->end && !(!p[0] && !p[1] && p[2] <= 1))
        p++;
    if (p + 3 > r->end)
        p = r->end;
    r->p = p;
    *nal = (struct bytes){start, (size_t)(p - start)};
    return true;
}
static void send_nal(struct feed *f, struct feed_sender *s, struct bytes nal, bool last) {
    if (nal.n <= MTU_PAYLOAD) {
        send_rtp(f, s, last, NULL, 0, nal);
        return;
    }
    uint8_t indicator = (uint8_t)((nal.p[0] & 0xe0) | 28), type = nal.p[0] & 0x1f;
    for (size_t at = 1; at < nal.n;) {
        size_t n = nal.n - at > MTU_PAYLOAD ? MTU_PAYLOAD : nal.n - at;
        bool end = at + n == nal.n;
        uint8_t head[2] = {indicator, (uint8_t)(type | (at == 1 ? 0x80 : 0) | (end ? 0x40 : 0))};
        send_rtp(f, s, last && end, head, 2, (struct bytes){nal.p + at, n});
        at += n;
    }
}
static void send_h264(struct feed *f, struct feed_sender *s, struct bytes au) {
    struct rd r = rd_init(au.p, au.n);
    struct bytes nals[32], nal;
    uint8_t stap[600];
    struct wr w = wr_init(stap, sizeof stap);
    size_t n = 0;
    wr_u8(&w, 24 | 0x60);
    while (next_nal(&r, &nal) && n < countof(nals)) {
        uint8_t type = nal.p[0] & 0x1f;
        if (type == 7 || type == 8) { /* parameter sets together in a STAP-A, as browsers do */
            wr_u16(&w, (uint16_t)nal.n);
            wr_put(&w, nal.p, nal.n);
        } else if (type == 1 || type == 5) {
            nals[n++] = nal;
        }
    }
    if (wr_len(&w) > 1 && !w.bad)
        send_rtp(f, s, false, NULL, 0, (struct bytes){stap, wr_len(&w)});
    for (size_t i = 0; i < n; i++)
        send_nal(f, s, nals[i], i + 1 == n);
}
static void send_vp8(struct feed *f, struct feed_sender *s, struct bytes frame) {
    for (size_t at = 0; at < frame.n;) {
        size_t n = frame.n - at > MTU_PAYLOAD ? MTU_PAYLOAD : frame.n - at;
        uint8_t head[4] = {(uint8_t)(0x80 | (at ? 0 : 0x10)), 0x80, (uint8_t)(0x80 | (s->sent >> 8 & 0x7f)),
                           (uint8_t)s->sent};
        send_rtp(f, s, at + n == frame.n, head, 4, (struct bytes){frame.p + at, n});
        at += n;
    }
}
/* One layer, as RFC 9628 4.2 in its plain form: I, P, B, E and a picture id. */
static void send_vp9(struct feed *f, struct feed_sender *s, struct bytes frame, bool key) {
    for (size_t at = 0; at < frame.n;) {
        size_t n = frame.n - at > MTU_PAYLOAD ? MTU_PAYLOAD : frame.n - at;
        bool end = at + n == frame.n;
        uint8_t head[3] = {(uint8_t)(0x80 | (key ? 0 : 0x40) | (at ? 0 : 0x08) | (end ? 0x04 : 0)),
                           (uint8_t)(0x80 | (s->sent >> 8 & 0x7f)), (uint8_t)s->sent};
        send_rtp(f, s, end, head, sizeof head, (struct bytes){frame.p + at, n});
        at += n;
    }
}
/* An OBU without its size, in as many packets as it takes, one element each (W 1). */
static void send_obu(struct feed *f, struct feed_sender *s, struct bytes obu, bool first, bool last) {
    for (size_t at = 0; at < obu.n;) {
        size_t n = obu.n - at > MTU_PAYLOAD ? MTU_PAYLOAD : obu.n - at;
        bool end = at + n == obu.n;
        uint8_t head = (uint8_t)((at ? 0x80 : 0) | (end ? 0 : 0x40) | 0x10 | (first && !at ? 0x08 : 0));
        send_rtp(f, s, last && end, &head, 1, (struct bytes){obu.p + at, n});
        at += n;
    }
}
static void send_av1(struct feed *f, struct feed_sender *s, struct bytes unit, bool key) {
    enum { EXTENSION = 4, HAS_SIZE = 2, DELIMITER = 2 };
    struct rd r = rd_init(unit.p, unit.n);
    bool first = key;
    while (rd_left(&r)) {
        uint8_t bare[1 << 16];
        struct wr w = wr_init(bare, sizeof bare);
        uint8_t head = rd_u8(&r);
        if (!(head & HAS_SIZE))
            abort();
        wr_u8(&w, head & ~HAS_SIZE);
        if (head & EXTENSION)
            wr_u8(&w, rd_u8(&r));
        struct bytes body = rd_bytes(&r, av1_leb128(&r));
        wr_put(&w, body.p, body.n);
        if (r.bad || w.bad)
            abort();
        if ((head >> 3 & 15) == DELIMITER)
            continue;
        send_obu(f, s, (struct bytes){bare, wr_len(&w)}, first, !rd_left(&r));
        first = false;
    }
}
/* A microphone in DTX (RFC 7587 3.1.3) between the beeps: numbers go on, the time jumps. */
static bool rests(const struct feed *f, const struct feed_sender *s) {
    enum { TAIL_US = 100000, BEFORE_US = 1000000 - 2 * OPUS_US };
    int64_t us = f->at_us % 1000000;
    return s->dtx && us >= FLASH_MS * 1000 + TAIL_US && us < BEFORE_US;
}
static void on_encoded(void *arg, const struct element_out *o) {
    struct feed *f = arg;
    struct feed_sender *s = f->at;
    if (s->codec == FRAME_OPUS) {
        size_t i = (size_t)(f->at_us / OPUS_US) % FEED_LOOP;
        if (s->looped && f->at_us > s->first_us + 1000000 && o->data.n <= sizeof s->loop_bytes[i]) {
            memcpy(s->loop_bytes[i], o->data.p, o->data.n);
            s->loop[i] = (struct bytes){s->loop_bytes[i], o->data.n};
        }
        const uint8_t toc = o->data.n ? o->data.p[0] & 0xfc : 0xfc;
        if (!rests(f, s))
            send_rtp(f, s, false, NULL, 0, o->data);
        else if (f->at_us % 400000 < OPUS_US)
            send_rtp(f, s, false, NULL, 0, (struct bytes){&toc, 1});
        return;
    }
    s->keys += o->key;
    if (s->codec == FRAME_H264)
        send_h264(f, s, o->data);
    else if (s->codec == FRAME_VP8)
        send_vp8(f, s, o->data);
    else if (s->codec == FRAME_VP9)
        send_vp9(f, s, o->data, o->key);
    else
        send_av1(f, s, o->data, o->key);
}

/* --- senders --- */
static void open_encoder(struct feed *f, struct feed_sender *s) {
    char caps[160], chain[256];
    if (s->codec == FRAME_OPUS) {
        snprintf(chain, sizeof chain, "opusenc bitrate=32000 complexity=0 frame-size=20");
        snprintf(
            caps, sizeof caps,
            "audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved,channel-mask=(bitmask)0x3");
    } else {
        static const char *const chains[] = {
            [FRAME_H264] = "x264enc tune=zerolatency speed-preset=ultrafast bitrate=800 key-int-max=100000 "
                           "threads=1 ! capsfilter "
                           "caps=video/x-h264,stream-format=byte-stream,profile=constrained-baseline",
            [FRAME_VP8] = "vp8enc deadline=1 cpu-used=16 keyframe-max-dist=100000 target-bitrate=800000",
            [FRAME_VP9] = "vp9enc deadline=1 cpu-used=8 keyframe-max-dist=100000 target-bitrate=800000 "
                          "lag-in-frames=0",
            [FRAME_AV1] = "av1enc usage-profile=realtime cpu-used=10 keyframe-max-dist=100000 "
                          "target-bitrate=800 lag-in-frames=0 end-usage=q",
        };
        snprintf(chain, sizeof chain, "%s", chains[s->codec]);
        snprintf(caps, sizeof caps, "video/x-raw,format=I420,width=%u,height=%u,framerate=%u/1", s->width,
                 s->height, s->fps);
        mem_free(s->raw);
        s->raw = mem_zalloc((size_t)s->width * s->height * 3 / 2);
    }
    if (element_open(&s->encoder, chain, caps, on_encoded, f))
        abort();
}
static struct feed_sender *add(struct feed *f, uint32_t track, enum frame_codec codec) {
    if (f->n == FEED_SENDERS_MAX)
        abort();
    struct feed_sender *s = &f->senders[f->n++];
    *s = (struct feed_sender){.track = track,
                              .codec = codec,
                              .ssrc = 0x1000 + track,
                              .ts_base = 0xfffff000u + track * 977,
                              .seq = 65500};
    s->next_us = s->first_us = f->now_us;
    s->report_us = f->now_us + 500000;
    return s;
}
struct feed_sender *feed_camera(struct feed *f, uint32_t track, enum frame_codec codec, uint16_t w,
                                uint16_t h, unsigned fps) {
    struct feed_sender *s = add(f, track, codec);
    s->width = w;
    s->height = h;
    s->fps = fps;
    open_encoder(f, s);
    return s;
}
struct feed_sender *feed_mic(struct feed *f, uint32_t track) {
    struct feed_sender *s = add(f, track, FRAME_OPUS);
    open_encoder(f, s);
    return s;
}
void feed_resize(struct feed_sender *s, uint16_t w, uint16_t h) {
    element_close(s->encoder);
    s->encoder = NULL;
    s->width = w;
    s->height = h;
}
void feed_restart(struct feed *f, struct feed_sender *s) {
    s->ssrc += 0x100;
    s->seq = (uint16_t)rnd(f);
    s->ts_base = rnd(f) << 8;
    s->want_key = true;
    s->report_us = f->now_us + 500000;
}
static bool flashes(int64_t capture_us) { return capture_us % 1000000 < FLASH_MS * 1000; }

static void emit_picture(struct feed *f, struct feed_sender *s) {
    size_t luma = (size_t)s->width * s->height;
    if (s->want_key &&
        s->codec == FRAME_AV1) { /* av1enc does not listen: a new one begins with a key frame */
        element_close(s->encoder);
        s->encoder = NULL;
    }
    if (!s->encoder)
        open_encoder(f, s);
    memset(s->raw, flashes(f->at_us) ? 235 : 60, luma);
    memset(s->raw + luma, 100 + s->track % 8 * 8, luma / 2);
    unsigned bar = (unsigned)(f->at_us / 20000) % s->height; /* something moves */
    memset(s->raw + (size_t)bar * s->width, 150, s->width);
    if (s->want_key)
        element_force_key(s->encoder);
    s->want_key = false;
    if (element_push(s->encoder, (struct bytes){s->raw, luma * 3 / 2}, f->at_us, true))
        abort();
}
static void emit_sound(struct feed *f, struct feed_sender *s) {
    int16_t pcm[960 * 2];
    const struct bytes *again = &s->loop[(size_t)(f->at_us / OPUS_US) % FEED_LOOP];
    if (again->n) {
        send_rtp(f, s, false, NULL, 0, *again);
        return;
    }
    double turns = 2 * 3.14159265 * (s->hz ? s->hz : FEED_HZ) / 1e6;
    for (int i = 0; i < 960; i++) {
        int64_t t = f->at_us + (int64_t)i * 1000000 / 48000;
        bool on = !s->muted && (s->tone || flashes(t));
        pcm[2 * i] = pcm[2 * i + 1] = on ? (int16_t)(FEED_LOUD * sin(turns * (double)t)) : 0;
    }
    if (element_push(s->encoder, (struct bytes){(uint8_t *)pcm, sizeof pcm}, f->at_us, true))
        abort();
}
static void emit(struct feed *f, struct feed_sender *s) {
    f->at = s;
    f->at_us = s->next_us;
    if (!s->off && s->codec == FRAME_OPUS)
        emit_sound(f, s);
    else if (!s->off)
        emit_picture(f, s);
    if (s->reports && !s->off && f->at_us >= s->report_us) {
        send_report(f, s);
        s->report_us += REPORT_US;
    }
    s->next_us += s->codec == FRAME_OPUS ? OPUS_US : 1000000 / s->fps;
}
void feed_run(struct feed *f, int64_t for_us) {
    int64_t until = f->now_us + for_us;
    while (f->now_us < until) {
        f->now_us += STEP_US;
        for (size_t i = 0; i < f->n; i++)
            while (f->senders[i].next_us <= f->now_us)
                emit(f, &f->senders[i]);
        deliver(f);
        f->tick(f->arg, f->now_us);
    }
}

/* somhub-pipe demo DIR: a short recording out of nothing, for trying the player: a drawn camera, a screen
 * with a growing diagram for part of the time, a quiet melody. It goes through the recorder as packets, as
 * any lesson does, only in a time of its own that runs faster. */
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/base/rd.h"
#include "media/base/wr.h"
#include "media/pipeline/commands.h"
#include "media/pipeline/element.h"
#include "media/pipeline/manifest.h"
#include "media/pipeline/record.h"
#include "media/pipeline/say.h"

enum {
    WIDTH = 960,
    HEIGHT = 540,
    LUMA = WIDTH * HEIGHT,
    CAMERA = 1,
    SCREEN = 2,
    MIC = 3,
    FPS = 10,
    LENGTH_MS = 16000,
    SCREEN_FROM_MS = 5000,
    SCREEN_TO_MS = 12000,
    OPUS_MS = 20,
    STEP_MS = 5,
    OPUS_SAMPLES = 48 * OPUS_MS,
    MTU_PAYLOAD = 1100,
    SEGMENT_MS = 4000,
    PART_MS = 1000
};

struct sender {
    struct stage *stage; /* borrowed: outlived */
    uint32_t track;
    enum frame_codec codec;
    uint16_t seq;
    int64_t next_ms, at_ms;
    bool want_key;
    struct element *encoder;
};
struct stage {
    struct record *record;
    struct sender senders[3];
    uint8_t raw[LUMA * 3 / 2];
};

static void send_packet(struct sender *s, bool marker, struct bytes head, struct bytes body) {
    uint8_t packet[FRAME_MAX];
    struct wr w = wr_init(packet, sizeof packet);
    uint32_t hz = s->codec == FRAME_OPUS ? 48000 : 90000;
    wr_u8(&w, 0x80);
    wr_u8(&w, (uint8_t)(96 | (marker ? 0x80 : 0)));
    wr_u16(&w, s->seq++);
    wr_u32(&w, (uint32_t)(s->at_ms * (hz / 1000)));
    wr_u32(&w, s->track);
    wr_put(&w, head.p, head.n);
    wr_put(&w, body.p, body.n);
    struct frame f = {.kind = FRAME_RTP,
                      .media = s->codec == FRAME_OPUS ? FRAME_AUDIO : FRAME_VIDEO,
                      .codec = s->codec,
                      .track = s->track,
                      .arrival_us = s->at_ms * 1000,
                      .clock_hz = hz,
                      .payload = {packet, wr_len(&w)}};
    record_frame(s->stage->record, &f);
}

/* RFC 6184 5.6 (single NAL unit) and 5.8 (FU-A). */
static void send_nal(struct sender *s, struct bytes nal, bool last) {
    if (nal.n <= MTU_PAYLOAD) {
        send_packet(s, last, (struct bytes){NULL, 0}, nal);
        return;
    }
    for (size_t at = 1; at < nal.n;) {
        size_t n = nal.n - at > MTU_PAYLOAD ? MTU_PAYLOAD : nal.n - at;
        bool end = at + n == nal.n;
        uint8_t head[2] = {(uint8_t)((nal.p[0] & 0xe0) | 28),
                           (uint8_t)((nal.p[0] & 0x1f) | (at == 1 ? 0x80 : 0) | (end ? 0x40 : 0))};
        send_packet(s, last && end, (struct bytes){head, 2}, (struct bytes){nal.p + at, n});
        at += n;
    }
}

/* Annex B as x264 writes it: start codes of 3 or 4 bytes. */
static bool next_nal(struct rd *r, struct bytes *nal) {
    const uint8_t *p = r->p;
    while (r->end - p > 3 && !(!p[0] && !p[1] && p[2] == 1))
        p++;
    if (r->end - p <= 3)
        return false;
    const uint8_t *start = p += 3;
    while (r->end - p >= 3 && !(!p[0] && !p[1] && p[2] <= 1))
        p++;
    if (r->end - p < 3)
        p = r->end;
    r->p = p;
    *nal = (struct bytes){start, (size_t)(p - start)};
    return true;
}

static void on_encoded(void *arg, const struct element_out *out) {
    struct sender *s = arg;
    if (s->codec == FRAME_OPUS) {
        send_packet(s, false, (struct bytes){NULL, 0}, out->data);
        return;
    }
    struct rd r = rd_init(out->data.p, out->data.n);
    struct bytes nal, next;
    bool more = next_nal(&r, &nal);
    while (more) {
        more = next_nal(&r, &next);
        send_nal(s, nal, !more);
        nal = next;
    }
}

static void ask_key(void *arg, uint32_t track) {
    struct stage *st = arg;
    for (size_t i = 0; i < countof(st->senders); i++)
        st->senders[i].want_key |= st->senders[i].track == track;
}

static void fill(uint8_t *raw, int x0, int y0, int x1, int y1, const uint8_t yuv[3]) {
    x0 = x0 < 0 ? 0 : x0;
    x1 = x1 > WIDTH ? WIDTH : x1;
    for (int y = y0 < 0 ? 0 : y0; y < y1 && y < HEIGHT; y++) {
        if (x1 <= x0)
            return;
        memset(raw + (size_t)y * WIDTH + (size_t)x0, yuv[0], (size_t)(x1 - x0));
        size_t c = (size_t)(y / 2) * (WIDTH / 2) + (size_t)x0 / 2;
        memset(raw + LUMA + c, yuv[1], (size_t)(x1 - x0 + 1) / 2);
        memset(raw + LUMA * 5 / 4 + c, yuv[2], (size_t)(x1 - x0 + 1) / 2);
    }
}

/* A vase on a wheel: its outline breathes as clay does, a line of light turns around it. */
static void draw_camera(uint8_t *raw, int64_t at_ms) {
    static const uint8_t wall[] = {205, 120, 136}, table[] = {96, 112, 150}, clay[] = {112, 100, 168},
                         light[] = {150, 108, 158};
    double t = (double)at_ms / 1000;
    fill(raw, 0, 0, WIDTH, 390, wall);
    fill(raw, 0, 390, WIDTH, HEIGHT, table);
    for (int y = 140; y < 420; y++) {
        double v = (y - 140) / 280.0;
        int half = (int)(54 + 46 * sin(v * 3.2 + 0.3) + 10 * sin(t * 1.3 + v * 5));
        int shine = (int)(half * sin(t * 2.1));
        fill(raw, WIDTH / 2 - half, y, WIDTH / 2 + half, y + 1, clay);
        fill(raw, WIDTH / 2 + shine - 6, y, WIDTH / 2 + shine + 6, y + 1, light);
    }
    fill(raw, WIDTH / 2 - 150, 420, WIDTH / 2 + 150, 442, light);
}

/* A slide: a heading's place, and bars that grow one after the other. */
static void draw_screen(uint8_t *raw, int64_t at_ms) {
    static const uint8_t paper[] = {240, 128, 128}, ink[] = {50, 140, 120},
                         bars[][3] = {{120, 160, 100}, {140, 110, 160}, {160, 90, 130}, {100, 150, 140}};
    fill(raw, 0, 0, WIDTH, HEIGHT, paper);
    fill(raw, 70, 52, 570, 76, ink);
    fill(raw, 70, 92, 390, 102, ink);
    fill(raw, 70, 480, WIDTH - 70, 484, ink);
    for (int i = 0; i < (int)countof(bars); i++) {
        double grown = (double)(at_ms - SCREEN_FROM_MS - i * 1200) / 1500;
        grown = grown < 0 ? 0 : grown > 1 ? 1 : grown;
        fill(raw, 126 + i * 188, 480 - (int)(grown * (150 + 45 * i)), 240 + i * 188, 480, bars[i]);
    }
}

static int emit_picture(struct sender *s) {
    uint8_t *raw = s->stage->raw;
    if (s->track == CAMERA)
        draw_camera(raw, s->at_ms);
    else
        draw_screen(raw, s->at_ms);
    if (s->want_key)
        element_force_key(s->encoder);
    s->want_key = false;
    return element_push(s->encoder, (struct bytes){raw, LUMA * 3 / 2}, s->at_ms * 1000, true);
}

/* A slow walk over five notes, each fading out. */
static int emit_sound(struct sender *s) {
    static const double notes[] = {261.63, 329.63, 392.00, 440.00, 392.00, 329.63, 293.66, 329.63};
    int16_t pcm[OPUS_SAMPLES * 2];
    for (int i = 0; i < OPUS_SAMPLES; i++) {
        double t = (double)s->at_ms / 1000 + i / 48000.0, into = fmod(t, 0.75);
        double tone = sin(2 * M_PI * notes[(int)(t / 0.75) % (int)countof(notes)] * t);
        pcm[2 * i] = pcm[2 * i + 1] =
            (int16_t)(5000 * tone * exp(-3 * into) * (into < 0.01 ? into / 0.01 : 1));
    }
    return element_push(s->encoder, (struct bytes){(uint8_t *)pcm, sizeof pcm}, s->at_ms * 1000, true);
}

static int open_sender(struct stage *st, struct sender *s, uint32_t track, int64_t from_ms) {
    char caps[160];
    bool mic = track == MIC;
    *s = (struct sender){
        .stage = st, .track = track, .codec = mic ? FRAME_OPUS : FRAME_H264, .next_ms = from_ms};
    if (mic)
        return element_open(
            &s->encoder, "opusenc bitrate=48000 frame-size=20",
            "audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved,channel-mask=(bitmask)0x3",
            on_encoded, s);
    snprintf(caps, sizeof caps, "video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1", WIDTH, HEIGHT,
             FPS);
    return element_open(
        &s->encoder,
        "x264enc tune=zerolatency speed-preset=ultrafast bitrate=1500 key-int-max=100000 ! capsfilter "
        "caps=video/x-h264,stream-format=byte-stream,profile=constrained-baseline",
        caps, on_encoded, s);
}

static int step(struct stage *st, int64_t now_ms) {
    struct str member = STR("u1");
    if (now_ms == SCREEN_FROM_MS) {
        record_track(st->record, SCREEN, SOURCE_SCREEN, FRAME_H264, member);
        record_choose(st->record, true, SCREEN, now_ms * 1000);
    } else if (now_ms == SCREEN_TO_MS) {
        record_choose(st->record, true, 0, now_ms * 1000);
        record_untrack(st->record, SCREEN, now_ms * 1000);
        st->senders[1].next_ms = INT64_MAX;
    }
    for (size_t i = 0; i < countof(st->senders); i++) {
        struct sender *s = &st->senders[i];
        if (s->next_ms > now_ms)
            continue;
        s->at_ms = s->next_ms;
        s->next_ms += s->codec == FRAME_OPUS ? OPUS_MS : 1000 / FPS;
        int err = s->codec == FRAME_OPUS ? emit_sound(s) : emit_picture(s);
        if (err)
            return err;
    }
    record_tick(st->record, now_ms * 1000);
    const char *why;
    return record_status(st->record, &why);
}

static int perform(struct stage *st, const char *dir) {
    struct record_cfg cfg = {.dir = dir,
                             .wall_ms = clock_wall_ms() - LENGTH_MS,
                             .segment_ms = SEGMENT_MS,
                             .part_ms = PART_MS,
                             .arg = st,
                             .ask_key = ask_key};
    int64_t end_ms;
    int err = recover_dir(&cfg.past, dir);
    if (!err && cfg.past.takes)
        err = -ERR_CONFLICT;
    if (!err)
        err = record_open(&st->record, &cfg);
    for (uint32_t track = CAMERA; !err && track <= MIC; track++)
        err = open_sender(st, &st->senders[track - 1], track, track == SCREEN ? SCREEN_FROM_MS : 0);
    if (err)
        return err;
    record_track(st->record, CAMERA, SOURCE_CAMERA, FRAME_H264, STR("u1"));
    record_track(st->record, MIC, SOURCE_MIC, FRAME_OPUS, STR("u1"));
    record_choose(st->record, false, CAMERA, 0);
    for (int64_t now_ms = 0; !err && now_ms < LENGTH_MS; now_ms += STEP_MS)
        err = step(st, now_ms);
    return err ? err : record_stop(st->record, LENGTH_MS * 1000, false, &end_ms);
}

int command_demo(const char *dir) {
    static const char *const plugins[] = {"coreelements", "opus", "voaacenc", "x264"};
    struct stage *st = mem_zalloc(sizeof *st);
    int64_t duration_ms = 0;
    mkdir(dir, 0755);
    int err = element_plugins(plugins, countof(plugins));
    if (!err)
        err = perform(st, dir);
    record_close(st->record);
    for (size_t i = 0; i < countof(st->senders); i++)
        element_close(st->senders[i].encoder);
    mem_free(st);
    if (!err)
        err = manifest_finish(dir, &duration_ms);
    if (err)
        say_text("error", "the demo recording cannot be made");
    else
        say_duration("ended", duration_ms);
    return err;
}

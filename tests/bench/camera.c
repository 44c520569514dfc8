#include "tests/bench/camera.h"
#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/mem.h"
#include "media/base/wr.h"
#include <stdio.h>
#include <time.h>

enum {
    FRAGMENT = 1100, /* bytes of a NAL unit in one packet */
    KEY_FACTOR = 6,  /* a made-up key frame is so many times an ordinary picture */
    NAL_SLICE = 1,
    NAL_IDR = 5,
    NAL_FU_A = 28,
    STAMP_BYTES = 12,
};
static const uint8_t magic[4] = {'t', 'i', 'm', 'e'};
static const char mids[2] = {'0', '1'};

/* A 1280x720 constrained baseline stream's parameter sets, as x264 writes them. */
static const uint8_t sps[] = {0x67, 0x42, 0xc0, 0x1f, 0xd9, 0x00, 0x50, 0x05, 0xbb, 0x01, 0x10, 0x00, 0x00,
                              0x03, 0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0xc0, 0xf1, 0x83, 0x24, 0x80};
static const uint8_t pps[] = {0x68, 0xcb, 0x83, 0xcb, 0x20};

static int64_t wall_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void stamp(uint8_t *p) {
    struct wr w = wr_init(p, STAMP_BYTES);
    wr_put(&w, magic, sizeof magic);
    wr_u64(&w, (uint64_t)wall_us());
}

bool camera_stamp(const struct rtp *p, int64_t *sent_us) {
    /* Behind the TOC byte of Opus, behind the two bytes of a fragment. */
    size_t at = p->pt == CLIENT_PT_OPUS ? 1 : 2;
    if (p->payload.n < at + STAMP_BYTES || memcmp(p->payload.p + at, magic, sizeof magic) != 0)
        return false;
    struct rd r = rd_init(p->payload.p + at + sizeof magic, 8);
    *sent_us = (int64_t)rd_u64(&r);
    return true;
}

void camera_on_rtcp(void *ctx, struct client *c, const struct rtcp *p) {
    struct camera *f = ctx;
    uint32_t ssrc;
    uint8_t n;
    (void)c;
    if (rtcp_pli(p, &ssrc) || rtcp_fir(p, 0, &ssrc, &n)) {
        f->last_ask_us = clock_mono_us();
        if (!f->asked++)
            f->first_ask_us = f->last_ask_us;
        f->wanted = true;
    }
}

/* ---- packets ---- */

static void send_packet(struct camera *f, bool video, bool marker, struct bytes payload) {
    uint8_t out[RTP_PACKET_MAX];
    struct rtp_out o = {.pt = video ? CLIENT_PT_H264 : CLIENT_PT_OPUS,
                        .marker = marker,
                        .seq = video ? f->video_seq++ : f->audio_seq++,
                        .ts = video ? f->video_ts : f->audio_ts,
                        .ssrc = video ? CLIENT_SSRC_VIDEO : CLIENT_SSRC_AUDIO,
                        .mid = &mids[video],
                        .mid_n = 1,
                        .has_level = !video,
                        .voice = true,
                        .level_dbov = 20};
    o.map.mid = CLIENT_EXT_MID;
    o.map.audio_level = video ? 0 : CLIENT_EXT_LEVEL;
    int n = rtp_write(&o, payload, out, sizeof out);
    if (n > 0 && !client_send(f->client, out, (size_t)n))
        f->packets++;
}

static void send_nal(struct camera *f, const uint8_t *nal, size_t n, bool last, bool stamped) {
    uint8_t part[2 + FRAGMENT];
    if (n <= FRAGMENT && !stamped) {
        send_packet(f, true, last, (struct bytes){nal, n});
        return;
    }
    /* RFC 6184 5.8: FU indicator, FU header with start and end bits, then a piece of the unit without its
     * header. */
    for (size_t at = 1; at < n;) {
        size_t piece = n - at < FRAGMENT ? n - at : FRAGMENT;
        bool end = at + piece == n;
        part[0] = (uint8_t)((nal[0] & 0x60) | NAL_FU_A);
        part[1] = (uint8_t)((nal[0] & 31) | (at == 1 ? 0x80 : 0) | (end ? 0x40 : 0));
        memcpy(part + 2, nal + at, piece);
        if (stamped && piece >= STAMP_BYTES)
            stamp(part + 2);
        send_packet(f, true, last && end, (struct bytes){part, 2 + piece});
        at += piece;
    }
}

static void made_up_picture(struct camera *f) {
    static uint8_t nal[1 << 20];
    bool key = f->wanted || !f->frames;
    size_t n = f->frame_bytes * (key ? KEY_FACTOR : 1);
    n = n > sizeof nal ? sizeof nal : n;
    nal[0] = 0x60 | (key ? NAL_IDR : NAL_SLICE);
    if (key) {
        send_nal(f, sps, sizeof sps, false, false);
        send_nal(f, pps, sizeof pps, false, false);
        f->keyframes++;
        f->wanted = false;
    }
    send_nal(f, nal, n, true, true);
}

static void picture(struct camera *f) {
    struct camera_parts *v = &f->video;
    if (!v->n) {
        made_up_picture(f);
        return;
    }
    for (bool last = false; !last;) {
        const struct camera_part *part = &v->v[v->at];
        v->at = (v->at + 1) % v->n;
        last = part->last || !v->at;
        f->keyframes += (part->p[0] & 31) == NAL_IDR;
        send_nal(f, part->p, part->n, last, false);
    }
}

static void sound(struct camera *f) {
    uint8_t made_up[CAMERA_AUDIO_BYTES] = {0x78}; /* RFC 6716 3.1: CELT, full band, 20 ms, one frame */
    struct camera_parts *a = &f->audio;
    if (a->n) {
        send_packet(f, false, false, (struct bytes){a->v[a->at].p, a->v[a->at].n});
        a->at = (a->at + 1) % a->n;
        return;
    }
    stamp(made_up + 1);
    send_packet(f, false, false, (struct bytes){made_up, sizeof made_up});
}

void camera_init(struct camera *f, struct client *c, unsigned video_bps, int64_t now_us) {
    *f = (struct camera){.client = c, .frame_bytes = video_bps / 8 / CAMERA_FPS};
    f->start_us = f->video_us = f->audio_us = now_us;
    f->video_seq = f->audio_seq = 1000;
}

void camera_step(struct camera *f, int64_t now_us) {
    while (f->audio_us <= now_us) {
        sound(f);
        f->audio_ts += CAMERA_AUDIO_US * 48 / 1000;
        f->audio_us += CAMERA_AUDIO_US;
    }
    while (f->video_us <= now_us) {
        picture(f);
        f->frames++;
        f->video_ts += 90000 / CAMERA_FPS;
        f->video_us = f->start_us + (int64_t)f->frames * 1000000 / CAMERA_FPS;
    }
}

int64_t camera_next_us(const struct camera *f) {
    return f->audio_us < f->video_us ? f->audio_us : f->video_us;
}

/* ---- files ---- */

static int slurp(struct camera_parts *v, const char *path, size_t *n) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return -ERR_IO;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    bool fits = size > 0 && size <= CAMERA_FILE_MAX;
    *n = fits ? (size_t)size : 0;
    v->file = fits ? mem_zalloc(*n) : NULL;
    int err = fits && fread(v->file, 1, *n, file) == *n ? 0 : -ERR_IO;
    fclose(file);
    return err;
}

static void add(struct camera_parts *v, const uint8_t *p, size_t n, bool last) {
    if (!(v->n & (v->n - 1)))
        v->v = mem_realloc(v->v, (v->n ? v->n * 2 : 1) * sizeof *v->v);
    v->v[v->n++] = (struct camera_part){p, n, last};
}

/* Offset of the next start code at or behind `at`, or n. */
static size_t start_code(const uint8_t *p, size_t n, size_t at) {
    for (; at + 3 <= n; at++)
        if (!p[at] && !p[at + 1] && p[at + 2] == 1)
            return at;
    return n;
}

static int read_h264(struct camera_parts *v, const char *path) {
    size_t n;
    if (slurp(v, path, &n))
        return -ERR_IO;
    for (size_t at = start_code(v->file, n, 0); at < n;) {
        size_t from = at + 3, to = start_code(v->file, n, from);
        at = to;
        while (to > from && to < n && !v->file[to - 1])
            to--; /* the zero byte of a four-byte start code */
        unsigned type = from < to ? v->file[from] & 31u : 0;
        if (type == NAL_SLICE || type == NAL_IDR || type == 7 || type == 8)
            add(v, v->file + from, to - from, type <= NAL_IDR);
    }
    return v->n ? 0 : -ERR_INVALID;
}

/* RFC 3533 6: pages of segments; a packet ends at a segment shorter than 255. Pages here hold whole packets,
 * as ffmpeg writes them; the first two are OpusHead and OpusTags. */
static int read_ogg(struct camera_parts *v, const char *path) {
    size_t n, packets = 0;
    if (slurp(v, path, &n))
        return -ERR_IO;
    struct rd r = rd_init(v->file, n);
    while (rd_left(&r)) {
        if (!str_eq((struct str){(const char *)rd_bytes(&r, 4).p, r.bad ? 0 : 4}, STR("OggS")))
            return -ERR_INVALID;
        rd_skip(&r, 22);
        struct bytes lacing = rd_bytes(&r, rd_u8(&r));
        size_t packet = 0;
        for (size_t i = 0; i < lacing.n && !r.bad; i++) {
            packet += lacing.p[i];
            if (lacing.p[i] == 255)
                continue;
            struct bytes b = rd_bytes(&r, packet);
            if (packets++ >= 2 && b.n)
                add(v, b.p, b.n, true);
            packet = 0;
        }
        if (r.bad || packet)
            return -ERR_INVALID;
    }
    return v->n ? 0 : -ERR_INVALID;
}

int camera_files(struct camera *f, const char *h264, const char *ogg) {
    int err = read_h264(&f->video, h264);
    return err ? err : read_ogg(&f->audio, ogg);
}

void camera_fini(struct camera *f) {
    mem_free(f->video.v);
    mem_free(f->video.file);
    mem_free(f->audio.v);
    mem_free(f->audio.file);
}

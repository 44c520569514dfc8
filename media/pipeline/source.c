#include "media/pipeline/source.h"
#include <stdio.h>
#include "media/base/err.h"
#include "media/base/mem.h"

enum {
    OPUS_HZ = 48000,
    VIDEO_HZ = 90000
}; /* RFC 7587 4.1, RFC 6184 5.1, RFC 7741 4.1, RFC 9628 4.1, av1-rtp-spec 4.1 */

static const char opus_chain[] = "opusdec";
static const char opus_caps[] = "audio/x-opus,channel-mapping-family=0,channels=2,rate=48000";
/* What is not H.264 goes through a decoder first. */
static const struct {
    const char *decoder, *caps;
    enum depay_codec depay;
} videos[] = {
    [FRAME_H264] = {.depay = DEPAY_H264},
    [FRAME_VP8] = {"vp8dec", "video/x-vp8", DEPAY_VP8},
    [FRAME_VP9] = {"vp9dec", "video/x-vp9", DEPAY_VP9},
    [FRAME_AV1] = {"av1dec", "video/x-av1,stream-format=obu-stream,alignment=tu", DEPAY_AV1},
};
static const char encode_chain[] =
    "%s ! x264enc tune=zerolatency speed-preset=superfast bitrate=2000 key-int-max=300 trellis=false "
    "sliced-threads=true ! "
    "capsfilter caps=video/x-h264,stream-format=byte-stream,profile=constrained-baseline";

static bool transcodes(const struct source *s) {
    return s->codec < countof(videos) && videos[s->codec].decoder;
}

int source_open(struct source **out, uint32_t track, enum source_kind kind, enum frame_codec codec,
                const struct source_ops *ops) {
    bool audio = kind == SOURCE_MIC || kind == SOURCE_SCREEN_AUDIO;
    if (audio != (codec == FRAME_OPUS) || codec >= countof(videos))
        return -ERR_UNSUPPORTED;
    struct source *s = mem_zalloc(sizeof *s);
    s->track = track;
    s->kind = kind;
    s->codec = codec;
    s->ops = *ops;
    s->asked_us = s->failed_us = INT64_MIN / 2;
    reorder_init(&s->reorder, audio ? SOURCE_AUDIO_WAIT_US : SOURCE_VIDEO_WAIT_US);
    tsmap_init(&s->map, audio ? OPUS_HZ : VIDEO_HZ);
    depay_init(&s->depay, audio ? DEPAY_H264 : videos[codec].depay);
    depay_init(&s->encoded, DEPAY_H264);
    *out = s;
    return 0;
}
void source_close(struct source *s) {
    if (!s)
        return;
    element_close(s->element);
    reorder_fini(&s->reorder);
    depay_fini(&s->depay);
    depay_fini(&s->encoded);
    mem_free(s);
}
static void drop_element(struct source *s, int64_t now_us) {
    element_close(s->element);
    s->element = NULL;
    s->transcoder_primed = false;
    s->transcoder_pts_us = 0;
    s->failed_us = now_us;
    s->rebuilt++;
}
/* True if there is an element to push into. One that could not be built is tried again after a while. */
static bool need_element(struct source *s, const char *chain, const char *caps, element_fn fn,
                         int64_t now_us) {
    if (s->element)
        return true;
    if (now_us - s->failed_us < SOURCE_RETRY_US && s->rebuilt > 1)
        return false;
    if (element_open(&s->element, chain, caps, fn, s)) {
        s->failed_us = now_us;
        s->rebuilt++;
        s->element = NULL;
    }
    return s->element != NULL;
}

static void on_pcm(void *arg, const struct element_out *o) {
    struct source *s = arg;
    size_t n = o->data.n / 4;
    s->ops.on_pcm(s->ops.arg, s, s->pcm_us, (const int16_t *)(const void *)o->data.p, n);
    s->pcm_us += (int64_t)n * 1000 / (MIXER_HZ / 1000);
}
static void put_audio(struct source *s, const struct reorder_packet *p, int64_t at_us) {
    if (!p->payload.n || !need_element(s, opus_chain, opus_caps, on_pcm, p->arrival_us))
        return;
    s->pcm_us = at_us + s->media_offset_us;
    if (element_push(s->element, p->payload, -1, true))
        drop_element(s, p->arrival_us);
}

/* Decoder and encoder keep nothing back (zerolatency), so what comes out is what was pushed. */
static void on_transcoded(void *arg, const struct element_out *o) {
    struct source *s = arg;
    struct picture h264;
    if (depay_annexb(&s->encoded, o->data, &h264))
        s->ops.on_picture(s->ops.arg, s, s->transcoded_us, &h264);
}
static void transcode(struct source *s, const struct picture *p, int64_t at_us, int64_t now_us) {
    char caps[96], chain[256];
    if (!s->shown || (!s->transcoder_primed && !p->key))
        return;
    snprintf(caps, sizeof caps, "%s,framerate=0/1", videos[s->codec].caps);
    snprintf(chain, sizeof chain, encode_chain, videos[s->codec].decoder);
    if (!need_element(s, chain, caps, on_transcoded, now_us))
        return;
    if (!s->transcoder_primed)
        s->transcoder_zero_us = at_us;
    s->transcoder_primed = true;
    s->transcoded_us = at_us;
    int64_t pts_us = at_us - s->transcoder_zero_us; /* the encoder wants times that grow */
    s->transcoder_pts_us = pts_us > s->transcoder_pts_us ? pts_us : s->transcoder_pts_us + 1000;
    if (element_push(s->element, p->data, s->transcoder_pts_us, p->key)) {
        drop_element(s, now_us);
        s->depay.need_key = true;
    }
}
static void give_picture(struct source *s, const struct picture *p, int64_t now_us) {
    int64_t at_us = s->picture_us + s->media_offset_us;
    if (transcodes(s))
        transcode(s, p, at_us, now_us);
    else
        s->ops.on_picture(s->ops.arg, s, at_us, p);
}
static void put_video(struct source *s, const struct reorder_packet *p, int64_t at_us) {
    struct picture picture;
    if (p->lost_before)
        depay_lost(&s->depay);
    if (depay_turn(&s->depay, p->ts, &picture))
        give_picture(s, &picture, p->arrival_us);
    s->picture_us = at_us;
    if (depay_push(&s->depay, p->ts, p->marker, p->payload, &picture))
        give_picture(s, &picture, p->arrival_us);
}
static void put_packet(struct source *s, const struct reorder_packet *p) {
    int64_t at_us = tsmap_put(&s->map, s->member, p->ts, p->arrival_us);
    if (s->codec == FRAME_OPUS)
        put_audio(s, p, at_us);
    else
        put_video(s, p, at_us);
}

/* RFC 3550 5.1; extensions and padding were removed by the tap, but are skipped all the same. */
static bool parse_rtp(struct reorder_packet *p, uint32_t *ssrc, struct bytes packet) {
    struct rd r = rd_init(packet.p, packet.n);
    uint8_t first = rd_u8(&r), second = rd_u8(&r);
    p->seq = rd_u16(&r);
    p->ts = rd_u32(&r);
    *ssrc = rd_u32(&r);
    p->marker = second & 0x80;
    rd_skip(&r, 4u * (first & 0x0f));
    if (first & 0x10) {
        rd_skip(&r, 2);
        rd_skip(&r, 4u * rd_u16(&r));
    }
    p->payload = rd_rest(&r);
    if (first & 0x20 && p->payload.n) {
        uint8_t pad = p->payload.p[p->payload.n - 1];
        p->payload.n -= pad <= p->payload.n ? pad : p->payload.n;
    }
    return !r.bad && first >> 6 == 2;
}
static void drain(struct source *s, int64_t now_us) {
    struct reorder_packet p;
    while (reorder_next(&s->reorder, now_us, &p))
        put_packet(s, &p);
}
static void put_rtp(struct source *s, const struct frame *f) {
    struct reorder_packet p = {.arrival_us = f->arrival_us};
    uint32_t ssrc;
    if (!parse_rtp(&p, &ssrc, f->payload))
        return;
    s->packets++;
    s->last_us = f->arrival_us;
    if (s->has_ssrc && ssrc != s->ssrc) {
        reorder_restart(&s->reorder);
        tsmap_restart(&s->map);
    }
    s->ssrc = ssrc;
    s->has_ssrc = true;
    if (reorder_put(&s->reorder, &p))
        put_packet(s, &p);
    drain(s, f->arrival_us);
}
void source_put(struct source *s, const struct frame *f) {
    struct rd r = rd_init(f->payload.p, f->payload.n);
    if (f->kind == FRAME_RTP) {
        put_rtp(s, f);
    } else if (f->kind == FRAME_SR) {
        uint64_t ntp = rd_u64(&r);
        uint32_t ts = rd_u32(&r);
        if (!r.bad && ntp)
            tsmap_report(&s->map, ntp, ts);
    }
}
void source_tick(struct source *s, int64_t now_us) { drain(s, now_us); }

bool source_ask(struct source *s, bool wanted, int64_t now_us) {
    bool broken = s->shown && (s->depay.need_key || (transcodes(s) && !s->transcoder_primed));
    if (!wanted && !broken)
        return false;
    if (now_us - s->asked_us < SOURCE_ASK_US)
        return false;
    s->asked_us = now_us;
    if (transcodes(s) && !broken && s->element) {
        element_force_key(s->element);
        return false;
    }
    return true;
}
void source_shown(struct source *s, bool shown) {
    if (s->shown && !shown && transcodes(s)) {
        element_close(s->element);
        s->element = NULL;
        s->transcoder_primed = false;
        s->transcoder_pts_us = 0;
    }
    s->shown = shown;
}

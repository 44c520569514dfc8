/* feed — what a publisher sends, at the pace of a camera and a microphone: made up (with the time of sending
 * inside each packet, so a viewer can tell how long it travelled), or real H.264 and Opus out of files.
 * Thread: one owner. Borrowed: the client. Limits: files of FEED_FILE_MAX bytes. */
#ifndef FEED_H
#define FEED_H
#include "tests/bench/client.h"

enum { FEED_FPS = 30, FEED_AUDIO_US = 20000, FEED_AUDIO_BYTES = 80, FEED_FILE_MAX = 256 << 20 };

struct feed_part { /* a NAL unit, or an Opus packet */
    const uint8_t *p;
    size_t n;
    bool last; /* of its picture */
};
struct feed_parts {
    struct feed_part *v;
    size_t n, at;
    uint8_t *file; /* what v points into */
};

struct feed {
    struct client *client;
    size_t frame_bytes;             /* made up: of a picture that is no key frame */
    struct feed_parts video, audio; /* out of files; n 0: made up */
    int64_t video_us, audio_us, start_us;
    uint16_t video_seq, audio_seq;
    uint32_t video_ts, audio_ts;
    uint64_t packets, frames, keyframes;
    uint64_t asked; /* PLI and FIR that came */
    bool wanted;    /* a key frame is asked for */
};

/* video_bps of made-up pictures. */
void feed_init(struct feed *f, struct client *c, unsigned video_bps, int64_t now_us);
/* Instead of made-up media: Annex B with one slice a picture, Ogg Opus of 20 ms packets. -ERR_IO,
 * -ERR_INVALID. */
int feed_files(struct feed *f, const char *h264, const char *ogg);
void feed_fini(struct feed *f);
void feed_step(struct feed *f, int64_t now_us); /* sends what is due */
int64_t feed_next_us(const struct feed *f);
/* For client_spec.on_rtcp, ctx = the feed. */
void feed_on_rtcp(void *ctx, struct client *c, const struct rtcp *p);
/* The wall clock at which a made-up packet was sent. False: none inside. */
bool feed_stamp(const struct rtp *p, int64_t *sent_us);

#endif

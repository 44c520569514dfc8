/* camera — what a publisher sends, at the pace of a camera and a microphone: made up (with the time of
 * sending inside each packet, so a viewer can tell how long it travelled), or real H.264 and Opus out of
 * files. Thread: one owner. Borrowed: the client. Limits: files of CAMERA_FILE_MAX bytes. */
#ifndef CAMERA_H
#define CAMERA_H
#include "tests/bench/client.h"

enum { CAMERA_FPS = 30, CAMERA_AUDIO_US = 20000, CAMERA_AUDIO_BYTES = 80, CAMERA_FILE_MAX = 256 << 20 };

struct camera_part { /* a NAL unit, or an Opus packet */
    const uint8_t *p;
    size_t n;
    bool last; /* of its picture */
};
struct camera_parts {
    struct camera_part *v;
    size_t n, at;
    uint8_t *file; /* what v points into */
};

struct camera {
    struct client *client;
    size_t frame_bytes;               /* made up: of a picture that is no key frame */
    struct camera_parts video, audio; /* out of files; n 0: made up */
    int64_t video_us, audio_us, start_us;
    uint16_t video_seq, audio_seq;
    uint32_t video_ts, audio_ts;
    uint64_t packets, frames, keyframes;
    uint64_t asked; /* PLI and FIR that came */
    int64_t first_ask_us, last_ask_us;
    bool wanted; /* a key frame is asked for */
};

/* video_bps of made-up pictures. */
void camera_init(struct camera *f, struct client *c, unsigned video_bps, int64_t now_us);
/* Instead of made-up media: Annex B with one slice a picture, Ogg Opus of 20 ms packets. -ERR_IO,
 * -ERR_INVALID. */
int camera_files(struct camera *f, const char *h264, const char *ogg);
void camera_fini(struct camera *f);
void camera_step(struct camera *f, int64_t now_us); /* sends what is due */
int64_t camera_next_us(const struct camera *f);
/* For client_spec.on_rtcp, ctx = the camera. */
void camera_on_rtcp(void *ctx, struct client *c, const struct rtcp *p);
/* The wall clock at which a made-up packet was sent. False: none inside. */
bool camera_stamp(const struct rtp *p, int64_t *sent_us);

#endif

/* pipe_feed — senders for tests of somhub-pipe: cameras (H.264, VP8, VP9 or AV1 by GStreamer) and microphones
 * (Opus) that packetize as browsers do, over a network in virtual time with delay, jitter, loss and
 * retransmission. Every whole second of capture time the picture is white for FLASH_MS and the microphone
 * beeps for as long, so that what comes out can be measured. Thread: one. Times: microseconds of the local
 * clock. */
#ifndef PIPE_FEED_H
#define PIPE_FEED_H
#include "media/base/frame.h"
#include "media/pipeline/element.h"

enum { FEED_LOOP = 50, FEED_HZ = 1000, FEED_LOUD = 12000 };
enum { FEED_FLIGHT_MAX = 8192, FEED_DELAY_US = 20000, FLASH_MS = 100, FEED_SENDERS_MAX = 8 };

struct feed_flight {
    int64_t arrival_us;
    size_t n;
    uint8_t msg[FRAME_MAX];
};
struct feed_sender {
    uint32_t track, ssrc, ts_base;
    enum frame_codec codec;
    uint16_t seq, width, height;
    unsigned fps;
    double ppm;             /* how much its clock runs fast */
    int64_t extra_delay_us; /* e.g. a camera's encoder, unknown to its timestamps */
    unsigned hz;            /* of a microphone's sound; 0: FEED_HZ */
    bool reports, muted, off, want_key, tone, dtx;
    int64_t first_us, next_us; /* capture time of the next frame */
    uint64_t sent, keys;
    struct element *encoder;
    bool looped; /* a microphone says the same second again and again: encoded once, for long recordings */
    struct bytes loop[FEED_LOOP];
    uint8_t loop_bytes[FEED_LOOP][256];
    uint8_t *raw;
    int64_t report_us;
};
struct feed {
    void (*send)(void *arg, const struct frame *f);
    void (*tick)(void *arg, int64_t now_us);
    void *arg;
    int64_t now_us, jitter_us;
    double loss, repair; /* share of packets lost at first, and of those that come after all */
    uint32_t rng;
    struct feed_flight *flight[FEED_FLIGHT_MAX];
    size_t in_flight;
    struct feed_sender senders[FEED_SENDERS_MAX];
    size_t n;
    struct feed_sender *at; /* whose encoder runs */
    int64_t at_us;
};
void feed_init(struct feed *f, int64_t now_us);
void feed_fini(struct feed *f);
struct feed_sender *feed_camera(struct feed *f, uint32_t track, enum frame_codec codec, uint16_t w,
                                uint16_t h, unsigned fps);
struct feed_sender *feed_mic(struct feed *f, uint32_t track);
void feed_resize(struct feed_sender *s, uint16_t w,
                 uint16_t h);                             /* as a browser does when the line gets worse */
void feed_restart(struct feed *f, struct feed_sender *s); /* another SSRC, other timestamps */
void feed_run(struct feed *f, int64_t for_us);
struct feed_sender *feed_find(struct feed *f, uint32_t track);

#endif

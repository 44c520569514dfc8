/* road — one viewer's line in virtual time, with the server's steering at one end and a viewer who tells what
 * came at the other: simulcast pictures, sound, key frames at a change of layer, repeats for probes. It knows
 * the media only by their sizes. Thread: the test's. */
#ifndef ROAD_H
#define ROAD_H
#include "media/rtc/steer.h"
#include "tests/sim/net.h"

enum { MS = 1000, SECOND = 1000000, ROAD_LAYERS = 3, ROAD_QUEUE = 512 };

struct road {
    struct steer steer;
    struct net *net, *back;
    struct net_cfg cfg;
    struct twcc_rx rx;
    int64_t now_us, frame_us, sound_us, key_us;
    bool feedback; /* the viewer speaks */
    bool paced;
    struct allot_slot slot;
    int layer, goal; /* shown, wanted: after a key frame; -1 none */
    unsigned key_delay_ms;
    uint16_t waiting[ROAD_QUEUE]; /* sizes of packets the pacer keeps back */
    unsigned head, n;
    uint64_t sent_bytes, probe_bytes, video_bytes, sound_sent, sound_got;
    int64_t worst_us;   /* longest any packet of sound took beyond the empty line, since road_mark */
    uint64_t video_got; /* bytes of pictures that came, since road_mark */
    unsigned switches;  /* since road_mark */
    /* a greedy flow beside it */
    bool rival;
    double window;
    unsigned flying, rival_got;
    int64_t backoff_us;
};

void road_open(struct road *r, const struct net_cfg *cfg, uint64_t seed);
void road_close(struct road *r);
void road_set(struct road *r, uint64_t rate_bps);
void road_run(struct road *r, int64_t for_us);
void road_mark(struct road *r);
/* Runs until the layer shown is `layer`, at most so long: how long it took, or -1. */
int64_t road_until(struct road *r, int layer, int64_t most_us);

#endif

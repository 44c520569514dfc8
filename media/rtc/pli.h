/* pli — the key frame request budget of one source: however many ask, one request a second goes out; when the
 * key frame does not come it is asked again. Pure. */
#ifndef PLI_H
#define PLI_H
#include <stdbool.h>
#include <stdint.h>

enum {
    PLI_EVERY_US = 1000 * 1000, /* at most one request a second a source: encoders and links pay for each */
    PLI_WAIT_ENCODE_US =
        140 * 1000, /* a key frame takes RTT plus this: no second request before, on long links */
    PLI_TRIES = 10, /* then silence until somebody asks anew */
};

struct pli {
    bool wanted;     /* somebody waits for a key frame */
    uint8_t tries;   /* requests sent for this want */
    int64_t last_us; /* of the last request ever; INT64_MIN before */
    int64_t rtt_us;
    int64_t asked_us;    /* first ask of this want */
    int64_t wait_us;     /* how long the last want waited for its key frame, for the counters */
    uint64_t asked, out; /* counters: asks in, requests out */
};

void pli_init(struct pli *p);
void pli_rtt(struct pli *p, int64_t rtt_us);
void pli_ask(struct pli *p, int64_t now_us);
bool pli_due(struct pli *p, int64_t now_us); /* true: send one request now (it is counted as sent) */
void pli_on_keyframe(struct pli *p, int64_t now_us);
int64_t pli_next_us(
    const struct pli *p); /* when pli_due may be true (0: at once); INT64_MAX when nothing is wanted */
static inline bool pli_waiting(const struct pli *p) { return p->wanted; }

#endif

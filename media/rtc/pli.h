/* pli — the key frame request budget of one source: however many ask, one request a second goes out; when the key
 * frame does not come it is asked again. Pure. */
#ifndef PLI_H
#define PLI_H
#include <stdbool.h>
#include <stdint.h>

enum {
    PLI_EVERY_US = 1000 * 1000, /* at most one request a second a source */
    PLI_WAIT_MIN_US = 500 * 1000,
    PLI_WAIT_ENCODE_US = 140 * 1000, /* re-ask after max(RTT + this, PLI_WAIT_MIN_US), but never within PLI_EVERY_US */
    PLI_TRIES = 10,                  /* then silence until somebody asks anew */
};

struct pli {
    bool wanted;      /* somebody waits for a key frame */
    bool sent;        /* a request went out for this want */
    uint8_t tries;
    int64_t last_us;  /* of the last request; INT64_MIN/2 before */
    int64_t asked_us; /* first ask of this want */
    int64_t rtt_us;
    uint64_t asked, out; /* counters: asks in, requests out */
};

void pli_init(struct pli *p);
void pli_rtt(struct pli *p, int64_t rtt_us);
void pli_ask(struct pli *p, int64_t now_us);
bool pli_due(struct pli *p, int64_t now_us); /* true: send one request now (it is counted as sent) */
void pli_on_keyframe(struct pli *p, int64_t now_us);
int64_t pli_next_us(const struct pli *p); /* when pli_due may be true; INT64_MAX when nothing is wanted */
static inline bool pli_waiting(const struct pli *p) { return p->wanted; }

#endif

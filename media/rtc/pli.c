#include "media/rtc/pli.h"

void pli_init(struct pli *p) { *p = (struct pli){.last_us = INT64_MIN}; }

void pli_rtt(struct pli *p, int64_t rtt_us) { p->rtt_us = rtt_us; }

void pli_ask(struct pli *p, int64_t now_us) {
    p->asked++;
    if (!p->wanted)
        p->asked_us = now_us;
    if (!p->wanted || (p->tries >= PLI_TRIES && now_us - p->last_us >= PLI_EVERY_US))
        p->tries = 0;
    p->wanted = true;
}

int64_t pli_next_us(const struct pli *p) {
    if (!p->wanted || p->tries >= PLI_TRIES)
        return INT64_MAX;
    if (p->last_us == INT64_MIN)
        return 0;
    int64_t wait_us = PLI_EVERY_US;
    if (p->tries && p->rtt_us + PLI_WAIT_ENCODE_US > wait_us)
        wait_us = p->rtt_us + PLI_WAIT_ENCODE_US;
    return p->last_us + wait_us;
}

bool pli_due(struct pli *p, int64_t now_us) {
    int64_t next_us = pli_next_us(p);
    if (next_us == INT64_MAX || now_us < next_us)
        return false;
    p->last_us = now_us;
    p->tries++;
    p->out++;
    return true;
}

void pli_on_keyframe(struct pli *p, int64_t now_us) {
    if (p->wanted)
        p->wait_us = now_us - p->asked_us;
    p->wanted = false;
    p->tries = 0;
}

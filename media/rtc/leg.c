#include "media/rtc/leg.h"

static bool leg_put(struct leg *l, int n, void *owner) {
    if (n < 0)
        return false;
    sendq_put(l->env->out, (size_t)n, &l->path, owner);
    l->tx_bytes += (uint64_t)n;
    return true;
}

bool leg_rtp(struct leg *l, uint8_t *pkt, size_t n, void *owner) {
    return leg_put(l, secure_protect(l->secure, pkt, n, SENDQ_BYTES), owner);
}

bool leg_rtcp(struct leg *l, uint8_t *pkt, size_t n) {
    return leg_put(l, secure_protect_rtcp(l->secure, pkt, n, SENDQ_BYTES), NULL);
}

#include "media/rtc/leg.h"
#include "media/base/pcapng.h"

/* RFC 5905 6: seconds from 1900 to 1970. */
#define NTP_UNIX_US (INT64_C(2208988800) * 1000000)

void leg_keep(struct leg *l, bool is_out, struct bytes pkt) {
    struct pcapng_packet p = {l->env->now_us + l->env->ntp_minus_mono_us - NTP_UNIX_US, is_out, pkt};
    pcapng_put(l->capture, &p);
}

static bool leg_put(struct leg *l, int n, void *owner) {
    if (n < 0)
        return false;
    sendq_put(l->env->out, (size_t)n, &l->path, owner);
    l->tx_bytes += (uint64_t)n;
    return true;
}

bool leg_rtp(struct leg *l, uint8_t *pkt, size_t n, void *owner) {
    leg_see(l, true, (struct bytes){pkt, n});
    /* To a connection it is handed at once. */
    return leg_put(l,
                   l->path.stream
                       ? secure_protect(l->secure, pkt, n, SENDQ_BYTES)
                       : secure_protect_later(l->secure, &l->env->out->sealing, pkt, n, SENDQ_BYTES),
                   owner);
}

bool leg_rtcp(struct leg *l, uint8_t *pkt, size_t n) {
    leg_see(l, true, (struct bytes){pkt, n});
    return leg_put(l, secure_protect_rtcp(l->secure, pkt, n, SENDQ_BYTES), NULL);
}

/* Any datagram as RTP: extensions, RTX, then stored and written again with our own ids; what was written
 * parses back to the same. */
#include "media/base/str.h"
#include "media/rtc/rtp.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok) {
    if (!ok)
        abort();
}

static void write_again(const struct rtp *p) {
    static const struct rtp_ext_map map = {.mid = 1, .abs_send_time = 2, .transport_cc = 3, .audio_level = 4};
    uint8_t buf[RTP_PACKET_MAX + 64];
    struct str mid = rtp_mid(p, 1);
    struct rtp_out o = {.pt = p->pt,
                        .marker = p->marker,
                        .seq = p->seq,
                        .ts = p->ts,
                        .ssrc = p->ssrc,
                        .map = map,
                        .mid = mid.p,
                        .mid_n = (uint8_t)mid.n,
                        .transport_seq = p->seq,
                        .abs_send_time = p->ts & 0xffffff};
    o.has_level = rtp_audio_level(p, 4, &o.level_dbov, &o.voice);
    int n = rtp_write(&o, p->payload, buf, sizeof buf);
    check(n >= RTP_HEAD);
    struct rtp q;
    if (rtp_parse(&q, (struct bytes){buf, (size_t)n})) {
        check(n > RTP_PACKET_MAX);
        return;
    }
    uint8_t level;
    bool voice;
    uint16_t seq;
    check(q.pt == p->pt && q.marker == p->marker && q.seq == p->seq && q.ts == p->ts && q.ssrc == p->ssrc);
    check(q.payload.n == p->payload.n && (!q.payload.n || !memcmp(q.payload.p, p->payload.p, q.payload.n)));
    check(str_eq(rtp_mid(&q, 1), mid) && rtp_transport_cc(&q, 3, &seq) && seq == p->seq);
    check(rtp_audio_level(&q, 4, &level, &voice) == o.has_level);
    check(!o.has_level || (level == o.level_dbov && voice == o.voice));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct rtp p;
    struct bytes b = {data, size};
    rtp_is_rtcp(b);
    if (rtp_parse(&p, b))
        return 0;
    const uint8_t *end = data + size;
    check(p.payload.p >= data && p.payload.p + p.payload.n + p.padding == end);
    for (unsigned i = 0; i <= RTP_EXT_ID_MAX; i++)
        check(!p.ext[i].p || (p.ext[i].p >= data && p.ext[i].p + p.ext[i].n <= p.payload.p));
    write_again(&p);
    if (!rtp_rtx_unwrap(&p))
        check(p.payload.p + p.payload.n + p.padding == end);
    return 0;
}

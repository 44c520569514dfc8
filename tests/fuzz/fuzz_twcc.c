/* First byte even: the rest is feedback for a sender with packets under way, or for the steering of a viewer.
 * Odd: the rest is a row of arrivals (number step, time step), and the feedback made of it must be readable
 * and say no more than what arrived. */
#include "media/rtc/rtcp.h"
#include "media/rtc/steer.h"
#include "media/rtc/twcc.h"
#include <stdlib.h>

enum { ARRIVAL_BYTES = 512 }; /* more of them teach nothing new and are slow */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok) {
    if (!ok)
        abort();
}

static void as_feedback(struct bytes fci) {
    static struct twcc_tx tx;
    static struct twcc_result res[TWCC_STATUS_MAX];
    struct twcc_fb f;
    twcc_tx_init(&tx, 65300);
    for (int i = 0; i < TWCC_TX_RING; i++)
        twcc_tx_on(&tx, 1000, 1000000 + i * 5000);
    if (!twcc_fb_open(&f, fci)) {
        uint16_t seq;
        bool got;
        int64_t at_us;
        unsigned n = 0;
        while (twcc_fb_next(&f, &seq, &got, &at_us))
            check(seq == (uint16_t)(f.base + n++));
        check(n == f.count && n <= TWCC_STATUS_MAX && f.chunks.n == 0 && f.deltas.n == 0);
    }
    int n = twcc_tx_feedback(&tx, fci, 5000000, res, TWCC_STATUS_MAX);
    check(n <= TWCC_TX_RING && tx.acked + tx.lost <= TWCC_TX_RING);
    check(twcc_tx_feedback(&tx, fci, 5000000, res, 1) <= 1);
}

/* The same over and over, with packets leaving between: whatever is claimed, the estimate stays a rate. */
static void as_viewer(struct bytes fci) {
    static struct steer s;
    steer_init(&s, true, 65300, 1000000);
    const struct allot_slot v = {
        .kind = ALLOT_STAGE, .source = 1, .rung_n = 1, .rung = {{1500000, 720, 0, 0}}};
    for (int64_t now_us = 1000000; now_us < 1250000; now_us += 50000) {
        for (unsigned i = 0; i < 40; i++)
            twcc_tx_on(&s.tx, 1000, now_us + i * 1000);
        steer_probe(&s, (uint64_t)now_us, now_us);
        steer_feedback(&s, fci, now_us + 40000);
        steer_choose(&s, &v, 1, now_us);
        check(s.bwe.bps >= BWE_MIN_BPS && s.bwe.bps <= BWE_MAX_BPS);
    }
}

static void as_arrivals(const uint8_t *p, size_t n) {
    static struct twcc_rx rx;
    uint8_t packet[TWCC_PACKET_MAX];
    int64_t now_us = 1000000;
    uint16_t seq = 65000;
    twcc_rx_init(&rx);
    for (size_t i = 0; i + 2 <= n && i < ARRIVAL_BYTES; i += 2) {
        seq = (uint16_t)(seq + (p[i] < 250 ? p[i] % 8 : (p[i] - 253) * 300));
        now_us += p[i + 1] < 200 ? p[i + 1] * 100 : (p[i + 1] - 199) * 300000;
        twcc_rx_on(&rx, seq, now_us);
        unsigned made = 0;
        for (int len; (len = twcc_rx_write(&rx, 1, 2, now_us, packet, sizeof packet)) > 0; made++) {
            struct rtcp r;
            struct bytes fci;
            struct twcc_fb f;
            struct rtcp_iter it = rtcp_iter((struct bytes){packet, (size_t)len});
            check(rtcp_next(&it, &r) == 1 && rtcp_twcc(&r, &fci) && !twcc_fb_open(&f, fci));
            check(made <= TWCC_RX_RING);
        }
        check(twcc_rx_next_us(&rx) > now_us);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size)
        return 0;
    if (data[0] & 1)
        as_arrivals(data + 1, size - 1);
    else if (data[0] & 2)
        as_viewer((struct bytes){data + 1, size - 1});
    else
        as_feedback((struct bytes){data + 1, size - 1});
    return 0;
}

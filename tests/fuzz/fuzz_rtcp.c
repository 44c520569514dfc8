/* Any datagram as RTCP: every view of every packet; what has a writer is written and read back the same. */
#include "media/rtc/rtcpw.h"
#include "media/rtc/twcc.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t out[4096];

static void check(bool ok) {
    if (!ok)
        abort();
}

static struct rtcp written(const struct wr *w) {
    struct rtcp p;
    check(!w->bad);
    struct rtcp_iter it = rtcp_iter((struct bytes){out, wr_len(w)});
    check(rtcp_next(&it, &p) == 1);
    return p;
}

static void nack(const struct rtcp *p) {
    uint16_t a[RTCP_NACK_SEQS_MAX], b[RTCP_NACK_SEQS_MAX];
    uint32_t media;
    unsigned n = rtcp_nack(p, &media, a, RTCP_NACK_SEQS_MAX);
    if (!n)
        return;
    struct wr w = wr_init(out, sizeof out);
    rtcpw_nack(&w, p->ssrc, media, a, n);
    struct rtcp q = written(&w);
    /* Numbers given twice or out of order may be packed together: never more of them, and none new. */
    unsigned m = rtcp_nack(&q, &media, b, RTCP_NACK_SEQS_MAX);
    check(m && m <= n && b[0] == a[0]);
}

static void reports(const struct rtcp *p) {
    struct rtcp_report r, again;
    struct rtcp_sr sr;
    for (unsigned i = 0; rtcp_report(p, i, &r); i++) {
        struct wr w = wr_init(out, sizeof out);
        rtcpw_rr(&w, p->ssrc, &r, 1);
        struct rtcp q = written(&w);
        check(rtcp_report(&q, 0, &again) && again.lost == r.lost && again.dlsr == r.dlsr);
    }
    if (rtcp_sr(p, &sr)) {
        struct wr w = wr_init(out, sizeof out);
        rtcpw_sr(&w, p->ssrc, &sr, NULL, 0);
        struct rtcp_sr back;
        struct rtcp q = written(&w);
        check(rtcp_sr(&q, &back) && back.ntp == sr.ntp && back.octets == sr.octets);
    }
}

static void names(const struct rtcp *p) {
    uint32_t ssrc;
    struct str cname;
    uint64_t bps;
    uint8_t n;
    for (unsigned i = 0; rtcp_cname(p, i, &ssrc, &cname); i++)
        check(cname.n <= 255);
    for (unsigned i = 0; rtcp_bye(p, i, &ssrc); i++)
        check(i < RTCP_SSRCS_MAX);
    for (unsigned i = 0; rtcp_fir(p, i, &ssrc, &n); i++)
        check(i < 20000);
    rtcp_pli(p, &ssrc);
    if (rtcp_remb(p, &bps))
        check(bps <= INT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct rtcp_iter it = rtcp_iter((struct bytes){data, size});
    struct rtcp p;
    struct bytes fci;
    for (unsigned i = 0; rtcp_next(&it, &p) == 1; i++) {
        check(i < RTCP_PACKETS_MAX && p.body.n <= size);
        reports(&p);
        nack(&p);
        names(&p);
        struct twcc_fb f;
        if (rtcp_twcc(&p, &fci))
            twcc_fb_open(&f, fci);
    }
    return 0;
}

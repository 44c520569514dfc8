#include "media/rtc/watch.h"
#include "media/rtc/rtcpw.h"

static const struct str watch_cname = {"somhub", 6};

static void watch_on_reports(struct view *v, struct leg *leg, const struct rtcp *c, int64_t now_us) {
    struct rtcp_report r;
    unsigned sent = 0, lost = 0;
    for (unsigned i = 0; rtcp_report(c, i, &r); i++) {
        struct slot *s = view_slot_of(v, r.ssrc);
        if (!s || s->ssrc != r.ssrc)
            continue;
        unsigned n, k = txstats_since(&s->tx, &r, &n);
        sent += k;
        lost += n;
        txstats_on_report(&s->tx, &r, now_us + leg->env->ntp_minus_mono_us);
        uint8_t by_chance = slot_lost(s, &r);
        if (steer_roomy(&v->steer, now_us))
            red_need_on(&leg->red, by_chance, now_us);
    }
    steer_reports(&v->steer, lost, sent, now_us);
}

static void watch_on_feedback(struct view *v, struct leg *leg, struct bytes fci, int64_t now_us) {
    if (steer_feedback(&v->steer, fci, now_us))
        leg->red = (struct red_need){0}; /* sound twice would make a full line fuller */
}

static unsigned watch_on_nack(struct view *v, struct leg *leg, const struct rtcp *c, unsigned *budget,
                              int64_t now_us) {
    uint16_t seqs[RTCP_NACK_SEQS_MAX];
    uint32_t ssrc;
    unsigned n = rtcp_nack(c, &ssrc, seqs, RTCP_NACK_SEQS_MAX);
    struct slot *s = n ? view_slot_of(v, ssrc) : NULL;
    if (!s || s->ssrc != ssrc) /* what was sent again, or for nothing, is not sent again */
        return 0;
    leg->env->n.nack_rx += n;
    for (unsigned i = 0; i < n && *budget; i++) {
        if (slot_nack(s, seqs[i], now_us)) {
            leg->env->n.rtx_tx++;
            --*budget;
        }
    }
    return n;
}

static void watch_ask(struct view *v, struct leg *leg, uint32_t ssrc, int64_t now_us) {
    struct slot *s = view_slot_of(v, ssrc);
    if (!s)
        return;
    leg->env->n.pli_rx++;
    slot_ask(s, now_us);
}

unsigned watch_rtcp(struct view *v, struct leg *leg, struct bytes pkt, int64_t now_us) {
    struct rtcp_iter it = rtcp_iter(pkt);
    struct rtcp c;
    unsigned nacked = 0, budget = WATCH_RESENDS_MAX;
    int more;
    while ((more = rtcp_next(&it, &c)) == 1) {
        uint32_t ssrc;
        uint8_t command;
        struct bytes fci;
        uint64_t bps;
        watch_on_reports(v, leg, &c, now_us);
        if (rtcp_twcc(&c, &fci))
            watch_on_feedback(v, leg, fci, now_us);
        if (rtcp_remb(&c, &bps))
            steer_remb(&v->steer, bps, now_us);
        nacked += watch_on_nack(v, leg, &c, &budget, now_us);
        if (rtcp_pli(&c, &ssrc))
            watch_ask(v, leg, ssrc, now_us);
        for (unsigned i = 0; rtcp_fir(&c, i, &ssrc, &command); i++)
            watch_ask(v, leg, ssrc, now_us);
    }
    leg->env->n.rx_refused += more < 0;
    return nacked;
}

void watch_report(struct view *v, struct leg *leg, int64_t now_us) {
    int64_t ntp_us = now_us + leg->env->ntp_minus_mono_us;
    uint8_t *pkt = leg_next(leg);
    if (!pkt)
        return;
    struct wr w = wr_init(pkt, LEG_RTCP_MAX);
    uint32_t first = 0;
    for (unsigned i = 0; i < v->audio_n + v->video_n; i++) {
        struct rtcp_sr sr;
        if (!slot_sr(&v->slot[i], now_us, ntp_us, &sr))
            continue;
        rtcpw_sr(&w, v->slot[i].ssrc, &sr, NULL, 0);
        first = first ? first : v->slot[i].ssrc;
    }
    if (!first)
        return;
    rtcpw_cname(&w, first, watch_cname);
    if (!w.bad)
        leg_rtcp(leg, pkt, wr_len(&w));
}

void watch_bye(struct view *v, struct leg *leg) {
    uint32_t ssrc[MEDIA_AUDIO_SLOTS + MEDIA_VIDEO_SLOTS_MAX];
    unsigned n = v->audio_n + v->video_n;
    uint8_t *pkt = leg_next(leg);
    if (!pkt || !n)
        return;
    for (unsigned i = 0; i < n; i++)
        ssrc[i] = v->slot[i].ssrc;
    struct wr w = wr_init(pkt, LEG_RTCP_MAX);
    rtcpw_rr(&w, ssrc[0], NULL, 0);
    rtcpw_cname(&w, ssrc[0], watch_cname);
    rtcpw_bye(&w, ssrc, n, STR("closed"));
    if (!w.bad)
        leg_rtcp(leg, pkt, wr_len(&w));
}

void watch_quality(const struct view *v, int64_t *rtt_us, uint8_t *loss) {
    *rtt_us = 0;
    *loss = 0;
    for (unsigned i = 0; i < v->audio_n + v->video_n; i++) {
        const struct slot *s = &v->slot[i];
        if (!slot_flows(s))
            continue;
        *rtt_us = s->tx.rtt_us > *rtt_us ? s->tx.rtt_us : *rtt_us;
        *loss = s->tx.fraction_lost > *loss ? s->tx.fraction_lost : *loss;
    }
}

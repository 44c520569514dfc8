/* bwe — how many bits a second one viewer's line carries, judged at the sending end from what the viewer says
 * of the packets that came: how long they queued (delay.h), how many were lost, how fast they arrived. Two
 * thresholds: at the first the estimate grows no more, at the second it is cut below what arrived. What is
 * lost by chance, on an empty line, is learned and not held against it. Growth beyond what flows comes from
 * probes (probe.h). A client without transport-wide feedback is believed its REMB; with neither, the loss in
 * its receiver reports is all there is. Pure. Size about 0.5 kB. Thread: the worker's. Owner: the view's
 * steering. Rates are those on the wire, headers included. */
#ifndef BWE_H
#define BWE_H
#include "media/rtc/delay.h"
#include "media/rtc/twcc.h"

enum {
    BWE_MIN_BPS = 30 * 1000,
    BWE_START_BPS =
        400 * 1000, /* a small picture and sound: what the line says to that comes in half a second */
    BWE_MAX_BPS = 50 * 1000 * 1000,
    BWE_WARN_US = 35 * 1000,      /* packets wait so long: no growth */
    BWE_RISING_US = 50 * 1000,    /* so long, and quickly longer: congested */
    BWE_CONGESTED_US = 90 * 1000, /* so long, and not on the mend: congested */
    BWE_OWN_US = 150 * 1000,      /* more than a probe makes of its own */
    BWE_DEEP_US = 250 * 1000,     /* what was cut shows so late at the most */
    BWE_DROWNED_US = 500 * 1000,  /* nothing is worth such a queue but sound */
    BWE_LOSS_WARN_PM = 40,        /* lost in a thousand, above what is lost by chance */
    BWE_LOSS_CONGESTED_PM = 100,
    BWE_LOSS_CHANCE_PM = 80, /* more than this is never taken for chance */
    BWE_RATE_US = 500 * 1000,
    BWE_BUCKETS = 10,
    BWE_PROOF_US = 10 * 1000 * 1000, /* what went through so long ago proves nothing now */
};
enum bwe_line { BWE_CLEAR, BWE_WARNED, BWE_CONGESTED };
/* What the estimate rests on; a better source puts the worse ones out of use. */
enum bwe_by { BWE_BY_NOTHING, BWE_BY_REPORTS, BWE_BY_REMB, BWE_BY_FEEDBACK };

struct bwe {
    enum bwe_line line;
    enum bwe_by by;
    bool known;         /* the estimate rests on evidence, and not on the hope it began with */
    uint64_t bps;       /* the estimate */
    uint64_t acked_bps; /* what arrives, by feedback; 0 until known */
    bool probed;        /* set by the owner: a probe is under way, and a queue may be its own */
    uint64_t sent_bps;  /* set by the owner: what leaves just now; 0 unknown */
    unsigned loss_pm, chance_pm;
    int64_t cut_us;    /* the last cut; INT64_MIN / 2 never */
    int64_t waited_us; /* when packets last waited on it */
    /* private */
    enum bwe_line by_loss;
    struct delay delay;
    uint32_t bucket[BWE_BUCKETS]; /* bytes that arrived, by the receiver's clock */
    int64_t top, first_top, last_us;
    uint64_t acked, lost, missed_bytes; /* totals of the feedback when the loss window began */
    unsigned runs;                      /* of losses, in the window */
    int64_t window_us, heard_us, grown_us, clear_us;
    uint64_t flow_bps;   /* what arrives without probes */
    uint64_t proven_bps; /* the most that is known to have gone through since the last cut */
    int64_t probed_us, proven_us, flat_us;
    uint64_t link_bps; /* what arrived when the line was full, lately; 0 unknown */
    int64_t link_us;   /* since when: for a while the estimate does not grow past it */
    unsigned cuts;     /* in a row, the line never clear between */
    int64_t cut_wait_us;
    uint64_t uncut_bps; /* the estimate before them */
    int64_t left_us;    /* the wait a probe left */
};

void bwe_init(struct bwe *b);
/* Results of one feedback (twcc_tx_feedback). True: the estimate was cut just now. */
bool bwe_on_feedback(struct bwe *b, const struct twcc_tx *t, const struct twcc_result *r, unsigned n,
                     int64_t now_us);
/* The most that is known to go through: since the last cut, and not long ago. */
uint64_t bwe_proven(const struct bwe *b, int64_t now_us);
/* A probe measured this much; full: and more was sent, so this is all there is. */
void bwe_on_probe(struct bwe *b, uint64_t bps, bool full, int64_t now_us);
/* Receiver Estimated Maximum Bitrate, whatever it claims. True: cut. */
bool bwe_on_remb(struct bwe *b, uint64_t bps, int64_t now_us);
/* Receiver reports: lost of expected packets since the last call, our own gaps taken off; what is being sent.
 * True: cut. */
bool bwe_on_reports(struct bwe *b, unsigned lost, unsigned expected, uint64_t sent_bps, int64_t now_us);

#endif

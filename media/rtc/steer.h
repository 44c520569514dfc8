/* steer — one viewer's line: what was sent and what is said of it (twcc), what the line carries (bwe), asking
 * it for more (probe), how fast to send (pace), and which layer of each picture goes (allot). It ties these
 * together and knows neither slots nor packets. Pure. Thread: the worker's. Owner: a viewing peer. Size about
 * 5.5 kB. */
#ifndef STEER_H
#define STEER_H
#include "media/base/warm.h"
#include "media/rtc/allot.h"
#include "media/rtc/bwe.h"
#include "media/rtc/pace.h"
#include "media/rtc/probe.h"

enum {
    STEER_CALM_US = 1000 * 1000,       /* the choice is looked at again, while all is well */
    STEER_EVERY_US = 250 * 1000,       /* the choice is looked at again */
    STEER_DOUBT_US = 10 * 1000 * 1000, /* so long after a cut what flows is held against the estimate */
    STEER_TIGHT_US = 60 * 1000 * 1000, /* so long after a cut bursts leave no faster than the line goes */
    STEER_QUIET_US = 700 * 1000,       /* so long after a cut nothing is probed; */
    STEER_SETTLE_US = 1000 * 1000,     /* nor after more was chosen for a line that was full */
    STEER_REPEAT_PERCENT = 25,         /* of a line that was full lately, for repeats */
    STEER_ROOMY_US = 5 * 1000 * 1000,  /* so long after a cut sound goes once */
    STEER_ROOMY_BPS = 250 * 1000,
    STEER_METER_US = 1000 * 1000,
    STEER_GAUGE_US = 500 * 1000,
    STEER_OWE_US = 700 * 1000, /* a queue is given so long to empty, at the most */
    STEER_GOAL_MIN_BPS = 90 * 1000,
    STEER_LEAP = 4,             /* a probe asks for so many times what was seen to go through, at the most; */
    STEER_LEAP_TIGHT = 2,       /* on a line that was ever full */
    STEER_SURE_US = 250 * 1000, /* the line was clear for so long before it is asked for more */
    STEER_LATE_US = 40 * 1000,  /* packets of a probe wait so long: that is enough of it */
    STEER_RISING = 150 * 1000,  /* or ever longer, in microseconds a second */
    STEER_DEAF_US = 300 * 1000, /* nothing is heard of a probe for so long, and a round trip */
};

struct steer {
    /* What every packet touches lies together (steer_warm), down to the first of tx. */
    struct pace pace;  /* of what is new */
    int64_t choose_us; /* when to choose again */
    bool feedback;     /* transport-wide feedback is agreed on */
    bool behind;       /* packets wait for the pace */
    bool spared;       /* the worker does not keep up: no picture, whatever the line carries */
    struct twcc_tx tx;
    struct pace repeats; /* of what is sent again: a part of the line */
    struct bwe bwe;
    struct probe probe;
    struct allot allot;
    struct allot_out out;         /* of the last steer_choose */
    uint64_t sent_bps, audio_bps; /* measured */
    /* private */
    uint64_t probe_bytes, metered_bytes, metered_audio;
    int64_t metered_us, gauged_us, raised_us;
    uint64_t gauged_bytes;
    uint16_t probe_seq;
};

/* A packet will be sent soon, or a report read: which memory that takes. */
static inline void steer_warm(const struct steer *s) {
    __builtin_prefetch(s, 1); /* all of it is one line, for it is aligned in its view */
}
void steer_warm_report(const struct steer *s);
void steer_init(struct steer *s, bool feedback, uint16_t first_seq, int64_t now_us);
/* What the viewer says. True: less goes through than was thought, choose at once. */
bool steer_feedback(struct steer *s, struct bytes fci, int64_t now_us);
bool steer_remb(struct steer *s, uint64_t bps, int64_t now_us);
bool steer_reports(struct steer *s, unsigned lost, unsigned expected, int64_t now_us);
/* Totals sent to this viewer, of which sound: what it costs is measured. */
void steer_meter(struct steer *s, uint64_t sent_bytes, uint64_t audio_bytes, int64_t now_us);
/* Does the line have room for sound twice? What a full one loses is lost because it is full. */
bool steer_roomy(const struct steer *s, int64_t now_us);
/* Was it full lately? Then only what is looked at is worth its place on it. */
static inline bool steer_tight(const struct steer *s, int64_t now_us) {
    return now_us - s->bwe.cut_us < STEER_TIGHT_US;
}
/* Picks a rung for each slot (s->out), within what the line carries. */
void steer_choose(struct steer *s, const struct allot_slot *v, unsigned n, int64_t now_us);
/* Bytes of no use but to try the line that should leave now; sent_bytes: all this viewer was ever sent. */
uint32_t steer_probe(struct steer *s, uint64_t sent_bytes, int64_t now_us);
int64_t steer_next_us(const struct steer *s); /* the next choice, probe, or packets that wait */

#endif

/* school — a class in virtual time (hall) beside which somebody misbehaves: a teacher on the stage, a victim
 * who watches, and a measure of whether either noticed; and what an evil member can send under his own good
 * keys. Thread: the test's. One at a time: `school`. */
#ifndef SCHOOL_H
#define SCHOOL_H
#include "media/base/wr.h"
#include "tests/sim/hall.h"

extern struct school {
    struct hall hall;
    struct hall_seat *teacher, *victim;
} school;

/* How the class stood at a moment. */
struct school_mark {
    uint32_t frames, sounds, shown, heard, skipped;
    unsigned plis;
    int64_t at_us;
    struct media_stats n;
};

struct school_shot { /* one RTP packet, byte by byte */
    uint8_t pt;
    uint16_t seq;
    uint32_t ts, ssrc;
    struct bytes ext, payload; /* ext: the extension block after its head */
};

void school_open(enum codec codec); /* and four seconds of it; hall_close ends it */
struct endpoint_line *school_line(struct hall_seat *s, unsigned i);
struct media_stats school_counts(void);
struct school_mark school_mark(void);
/* Since then the victim got what the teacher sent, on time, and nobody was asked for much. */
void school_unharmed(const struct school_mark *m);
/* This seat sends nothing of its own from now on, and what the test sends as it arrives at once, so that a
 * flood is not the network's to drop. */
struct hall_seat *school_turned(struct hall_seat *s);
void school_shoot(struct hall_seat *s, const struct school_shot *x); /* sealed with its keys */
void school_say(struct hall_seat *s, struct wr *w);                  /* RTCP, likewise */

#endif

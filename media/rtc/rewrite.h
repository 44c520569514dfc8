/* rewrite — one outgoing stream made of successive sources: sequence numbers and timestamps (and picture
 * ids, TL0PICIDX, frame numbers) go on counting whatever source feeds it, so nobody renegotiates. Pure, no
 * allocation. Size ~0.8 kB.
 *
 * The stream is a row of segments, each an offset from one source's numbers. Gaps of the source stay gaps (a
 * late packet still has its place); a new segment starts one after the highest number sent. What is left out
 * on purpose (a temporal layer) leaves no gap: the offset grows by it. No two packets ever get the same
 * outgoing number. The last REWRITE_SEGMENTS segments, and REWRITE_DROPS runs of packets left out, are
 * remembered to answer NACKs. */
#ifndef REWRITE_H
#define REWRITE_H
#include "media/rtc/codec_layer.h"
#include "media/rtc/seq.h"

enum {
    REWRITE_SEGMENTS = 8,
    REWRITE_DROPS = 32, /* runs left out that are remembered: 2 s of every second picture of 30 a second */
    REWRITE_FIRST_MIN =
        1000, /* first outgoing number lies in [1000, 2^15): a loss at the start must not look like */
    REWRITE_FIRST_MAX = 32767, /* a wrapped SRTP rollover counter */
    REWRITE_GAP_MAX = 1024,    /* a source's jump ahead larger than this needs a new segment */
    /* Timestamps run so far ahead of time, or back, only when their source is broken or lies: such a jump
     * needs a new segment as well, or receivers would lose the later sources too. */
    REWRITE_LEAD_S = 60,
    REWRITE_PACE_S = 60,     /* so often the clocks may differ anew: no two run alike */
    REWRITE_OLD_MAX = 16384, /* numbers further back than this are never answered: they would be ambiguous */
};

struct rewrite_segment {
    uint32_t source; /* caller's track id; 0 = unused */
    uint32_t serial; /* of the segment, to know its runs by */
    uint32_t ts_add;
    uint32_t ts_late;            /* how much of ts_add is there only because time may not go back */
    uint32_t dropped;            /* packets left out so far */
    uint64_t first_seq, seq_add; /* source's first; out = source + seq_add - what was left out before it */
    uint64_t top_seq, drop_end;  /* highest of the source seen; one after the last left out (0: none) */
    uint64_t top_out;            /* highest outgoing number used by it */
    uint16_t pid_add, pids_dropped, drop_pid;
    uint8_t tl0_add;
};
struct rewrite_drop { /* a run of source numbers that were left out */
    uint64_t first;
    uint32_t serial, n, before; /* before: packets left out earlier in the segment */
    uint16_t pids, pids_before;
};
struct rewrite {
    struct rewrite_segment seg[REWRITE_SEGMENTS];
    unsigned drops; /* ever */
    uint32_t serial;
    /* What every packet touches, besides one segment, is from here on (slot.h). */
    struct rewrite_drop *drop; /* borrowed ring of REWRITE_DROPS; NULL: nothing can be left out */
    unsigned cur;              /* index of the live one */
    bool live;                 /* false: no source; nothing maps */
    bool any;                  /* something was sent */
    uint16_t top_pid;
    uint64_t next_out; /* highest outgoing number sent + 1 */
    uint32_t clock_hz;
    uint32_t top_ts;   /* highest outgoing timestamp sent */
    int64_t top_ts_us; /* when */
    int64_t pace_us;   /* of the live segment: timestamps are to run from pace_ts as time from here */
    uint32_t pace_ts;
    uint8_t top_tl0;
};
struct rewrite_out {
    uint16_t seq;
    uint32_t ts;
    uint16_t pid; /* for codec_ids_patch, or the dependency descriptor */
    uint8_t tl0;
    bool marker; /* the follower's: the last packet of a picture as it is sent */
    bool empty;  /* the follower's: a number that must be seen, but nothing that belongs to what flows */
};
/* Where a segment begins. */
struct rewrite_start {
    uint32_t source; /* not 0 */
    uint64_t seq;    /* unwrapped source sequence of its first packet */
    uint32_t ts;     /* that packet's timestamp */
    uint32_t
        ts_now; /* the source's newest timestamp: equals ts, or is later when cached packets are replayed */
    const struct codec_ids *ids; /* of the first packet, or NULL */
    bool same_clock;             /* ts_before is known: another layer of the picture that was sent before */
    uint32_t ts_before;          /* the instant of `ts` on the clock of the source before */
};
struct rewrite_at {
    uint32_t source;
    uint64_t seq;
    unsigned segment; /* opaque, for rewrite_again */
};

/* `random` chooses the first sequence number and timestamp. */
void rewrite_init(struct rewrite *w, uint32_t clock_hz, uint64_t random);
/* With a same_clock start the new source's timestamps go on exactly where the old one's would; time still
 * never goes back: what that costs is undone at the next switch. */
void rewrite_switch(struct rewrite *w, const struct rewrite_start *s, int64_t now_us);
void rewrite_stop(struct rewrite *w); /* nothing maps until the next switch */
/* Map a packet of the live segment. False: another source, from before the switch, or a jump of more than
 * REWRITE_GAP_MAX packets or REWRITE_LEAD_S, which also ends the segment (`live` becomes false: switch again,
 * video at a key frame). */
bool rewrite_map(struct rewrite *w, uint32_t source, uint64_t seq, uint32_t ts, const struct codec_ids *ids,
                 int64_t now_us, struct rewrite_out *out);
/* A packet of the live segment is left out: what follows closes up. Nothing happens for a late one. */
void rewrite_drop(struct rewrite *w, uint32_t source, uint64_t seq, const struct codec_ids *ids);
/* By how many units the stream has already gone past the instant ts_before (same_clock); <= 0: it has not. */
int32_t rewrite_past(const struct rewrite *w, uint32_t ts_before);
/* Which packet an outgoing number was: for answering a NACK. False when unknown, never sent or too long ago.
 */
bool rewrite_find(const struct rewrite *w, uint16_t out_seq, struct rewrite_at *at);
/* Numbers of a packet found so; the same as the first time. */
bool rewrite_again(const struct rewrite *w, const struct rewrite_at *at, uint32_t ts,
                   const struct codec_ids *ids, struct rewrite_out *out);
/* The outgoing timestamp that belongs to a source timestamp of the live segment (for sender reports). */
bool rewrite_ts(const struct rewrite *w, uint32_t source_ts, uint32_t *out_ts);

#endif

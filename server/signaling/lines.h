/* lines — whose line to the server is weak: what the media plane measures of each connection, and how long
 * pictures stood still as the viewer's page saw it, judged in a word and told to those who moderate. Thread:
 * control. Limits: LINES_TOLD_MAX people are told of, every LINES_EVERY_S while anybody's line is weak. What
 * nobody has said anew for LINES_KEEP_S is forgotten. */
#ifndef LINES_H
#define LINES_H
#include "server/signaling/inside.h"
#include "server/signaling/proto.h"

enum { LINES_TOLD_MAX = 30, LINES_EVERY_S = 5, LINES_KEEP_S = 20 };

/* Of one seat. */
struct line {
    struct {
        int64_t at_us; /* 0 = never */
        unsigned loss_permille, rtt_ms;
    } link[2]; /* by enum media_peer_kind */
    int64_t freeze_at_us;
    unsigned freeze_ms; /* in the ten seconds or so before */
};

/* Pure: good below all of the first figures, bad from any of the last. */
enum line_word line_judge(unsigned loss_permille, unsigned rtt_ms, unsigned freeze_ms);

struct seat;
struct session;
struct live;
void lines_on_quality(struct seat *seat, enum media_peer_kind kind, struct str media_json);
void lines_on_page(struct session *s, const struct msg *m); /* a `line` message */

#endif

/* hall — rooms over a simulated network in virtual time: one or two planes (workers without threads) and
 * endpoints, every datagram through tests/sim/net. It plays control too: answers offers, posts commands,
 * keeps events. Thread: the test's. Deterministic but for keys and random numbers on the wire. Limits:
 * HALL_SEATS_MAX endpoints. */
#ifndef HALL_H
#define HALL_H
#include "media/rtc/plane.h"
#include "tests/sim/endpoint.h"
#include "tests/sim/net.h"

enum {
    HALL_SEATS_MAX = 256,
    HALL_PLANES_MAX = 2,
    HALL_ROOM = 9,
    HALL_LAYER = 1000,
    MS = 1000,
    SECOND = 1000000
};

struct hall;
struct hall_seat {
    struct hall *hall;
    struct endpoint *end;
    unsigned plane;
    uint64_t peer;
    char member[33];
    uint32_t source;
    uint16_t moves;   /* how often its address changed */
    struct net *line; /* the way to it when it has one of its own (hall_line); NULL: as everybody's */
    bool camera, mic, mute_wire; /* mute_wire: nothing of it reaches the server any more */
    uint8_t level;
    unsigned packets;
    char layers_off[16];                               /* of its picture: as the server said last */
    int64_t picture_us, sound_us, joined_us, first_us; /* first_us: first picture shown, 0 not yet */
    unsigned up, down;
    int64_t up_us, down_us;
    uint64_t bytes; /* sent to it */
    char slots[2048];
};
struct hall {
    int64_t now_us;
    uint64_t seed;
    struct net *net_up, *net_down; /* towards the planes, away from them */
    /* DTLS goes its own way, late but whole: OpenSSL times its retransmissions by the real clock, which
     * stands still here. Its losses are tested in test_dtls. */
    struct net *calm_up, *calm_down;
    unsigned planes, seats;
    struct plane *plane[HALL_PLANES_MAX];
    struct mailbox *relay[HALL_PLANES_MAX];
    struct hall_port {
        struct hall *hall;
        unsigned index;
    } port[HALL_PLANES_MAX];
    struct hall_seat seat[HALL_SEATS_MAX];
    bool undeclared;   /* publishers say no SSRC in their SDP */
    bool red;          /* who comes from now on offers redundancy of sound */
    bool silent;       /* viewers offer no transport-wide feedback */
    unsigned layers;   /* sizes in which who comes from now on publishes his picture; 0: as 1 */
    unsigned rids;     /* publishers offer so many sizes of their picture */
    unsigned sendable; /* datagrams a plane's socket still takes; UINT32_MAX: all */
    unsigned nobody;   /* datagrams sent to addresses where nobody is … */
    uint64_t nobody_bytes;
    unsigned events[MEDIA_EV_QUALITY + 1];
    char speaking[256];
    int64_t speaking_us;
};

/* SIM_SEED in the environment replaces the seed. */
void hall_open(struct hall *h, unsigned planes, const struct net_cfg *each_way, uint64_t seed);
void hall_close(struct hall *h);
/* Whose picture has several sizes stamps them source, source + HALL_LAYER, and so on. */
struct hall_seat *hall_publish(struct hall *h, const char *member, enum codec codec);
struct hall_seat *hall_view(struct hall *h, unsigned plane, const char *member, enum codec codec,
                            unsigned slots);
void hall_stage(struct hall *h, const char *const *members, unsigned n);
/* From now on it is at another address; what is sent to the old one is lost. */
void hall_move(struct hall_seat *s);
void hall_restart(struct hall_seat *s); /* ICE restart by signalling */
/* From here on this seat is behind a line of its own. Again: the line changes. */
void hall_line(struct hall *h, struct hall_seat *s, const struct net_cfg *down);
/* Until `for_us` of virtual time passed. */
void hall_run(struct hall *h, int64_t for_us);
/* One datagram from nowhere, as if from this seat's address (seat NULL: a stranger's). */
void hall_inject(struct hall *h, const struct hall_seat *seat, const uint8_t *p, size_t n);
const struct endpoint_line *hall_screen(const struct hall_seat *s,
                                        unsigned slot); /* video slot's receiving line */
const struct endpoint_line *hall_ear(const struct hall_seat *s,
                                     uint32_t source); /* audio line on which it is heard */

#endif

/* lan — a media plane with its real threads and sockets on loopback, and endpoints around it: what tests of
 * the facade stand on. It pumps: sockets, deadlines, cameras of 30 pictures a second, until a condition holds
 * or time is up. Thread: the test's. Limits: LAN_BOXES_MAX endpoints. Loss is made here, by a seeded
 * generator. */
#ifndef LAN_H
#define LAN_H
#include "media/media.h"
#include "media/net/deframe.h"
#include "tests/sim/endpoint.h"

enum { LAN_BOXES_MAX = 64, LAN_EVENTS_MAX = 4096 };

struct lan;
struct lan_box {
    struct lan *lan;
    struct endpoint *end;
    int fd;
    bool tcp;  /* by ICE-TCP */
    bool deaf; /* reads nothing */
    int64_t now_us;
    struct deframe in;
    uint64_t peer;
    uint16_t port; /* of the server */
    char member[33];
    bool camera, mic; /* it sends pictures / sound every turn they are due */
    uint32_t source;
    uint8_t level;
    unsigned packets; /* of one picture */
    int64_t picture_us, sound_us;
    bool gone;
    char slots[2048]; /* last MEDIA_EV_SLOTS */
    unsigned up, down, slot_events;
};
struct lan {
    struct media *media;
    unsigned loss_permille; /* both ways, everything but STUN and DTLS */
    uint64_t seed;
    bool tcp;  /* whoever joins from now on comes by TCP */
    bool told; /* viewers who join from now on tell of every packet, so that a slow machine is a bad line */
    int64_t stall_us, turned_us; /* the longest time between two turns of the pump: what is this machine's */
    unsigned n;
    struct lan_box box[LAN_BOXES_MAX];
    unsigned count;
    struct media_event event[LAN_EVENTS_MAX]; /* those not kept in boxes */
    char speaking[256];
};

void lan_open(struct lan *l, unsigned workers, unsigned room_peers_per_worker);
void lan_close(struct lan *l);
struct lan_box *lan_publish(struct lan *l, uint64_t room, const char *member, enum codec codec);
struct lan_box *lan_view(struct lan *l, uint64_t room, const char *member, enum codec codec,
                         unsigned video_slots);
void lan_redial(struct lan_box *b); /* its TCP connection breaks, it makes another */
/* An endpoint that has yet to offer (endpoint_offer of its end), and the answer it got by another way. */
struct lan_box *lan_box(struct lan *l, const char *member, const struct endpoint_spec *spec);
void lan_answer(struct lan_box *b, struct str sdp);
void lan_shut(struct lan_box *b); /* closes the peer and the endpoint */
/* True when cond held before seconds passed. cond NULL: just run for that long. */
bool lan_run(struct lan *l, double seconds, bool (*cond)(struct lan *l, void *arg), void *arg);
/* The number of kept events of this type (peer 0: any). */
unsigned lan_events(const struct lan *l, enum media_event_type type, uint64_t peer);
/* Line of a viewer by what it shows: video line whose last picture was of `source`; NULL. */
struct endpoint_line *lan_showing(struct lan_box *b, uint32_t source);

#endif

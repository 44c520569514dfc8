/* media_own — what the files of the facade share: the tables of control's side and how commands are posted.
 * Not for others: include media/media.h. Thread: control. */
#ifndef MEDIA_OWN_H
#define MEDIA_OWN_H
#include "media/base/map.h"
#include "media/media.h"
#include "media/rtc/relay.h"
#include "media/rtc/worker.h"

enum {
    MEDIA_EVENTS_BOX = 8192,
    MEDIA_PENDING_MAX =
        65536, /* commands kept for a worker that is behind; past that new peers are refused */
    MEDIA_ROOMS_MAX = 20000,
    MEDIA_TAPS_MAX = 1000,
    MEDIA_SPREAD_SLACK = 50, /* peers a worker may be busier before a room opens on another for its sake */
    /* Nobody is let in where it would make the others' picture worse. The reserve is for who teaches. */
    MEDIA_FULL_PM = 850,     /* of a core, past which a worker takes no more views */
    MEDIA_FULL_OWN_PM = 930, /* and no publisher */
    MEDIA_VIEW_PPM = 650,    /* of a core, that a view of 1 Mbit/s takes (tests/bench/results) */
};

struct media_room {
    uint64_t id;
    unsigned home;
    unsigned views[MEDIA_WORKERS_MAX]; /* on each worker; elsewhere than home: > 0 means a relay is open */
    struct cmd_picks *stage[MEDIA_CIRCLES]; /* NULL: nothing */
    struct smap voices;                     /* member -> the channel his microphone is in */
    struct smap moved;                      /* member -> his circle, where that is not the first alone */
};
struct media_peer {
    uint64_t id;
    struct media_room *room; /* borrowed: outlives its peers */
    unsigned worker, version, video_slots;
    enum media_peer_kind kind;
    uint64_t session_id;
    enum media_video prefer;
    uint8_t remote_fp[SDP_FP_BYTES];
    char remote_ufrag[ICE_UFRAG_MAX + 1];
    bool inactive[SDP_MEDIA_MAX];
    struct sdp_ssrc audio[MEDIA_AUDIO_SLOTS], video[MEDIA_VIDEO_SLOTS_MAX];
};
struct media_tap {
    uint64_t id;
    struct media_room *room;
};
struct media_pending {
    struct cmd *v;
    size_t n, cap;
};
/* What a worker will soon be doing: as it measured, and for those who came since, who do not show yet. */
struct media_burden {
    unsigned busy_pm;
    uint32_t looks, charge_ppm;
};
struct media {
    unsigned workers;
    struct worker *w[MEDIA_WORKERS_MAX];
    struct mailbox *events, *relay[MEDIA_WORKERS_MAX];
    struct media_pending pending[MEDIA_WORKERS_MAX];
    unsigned load[MEDIA_WORKERS_MAX]; /* peers */
    struct media_burden burden[MEDIA_WORKERS_MAX];
    unsigned room_peers_per_worker;
    struct addr addrs[SDP_ADDRS_MAX];
    unsigned addr_count;
    bool tcp;
    uint64_t last_id;
    struct map peers, rooms, taps;
    struct sdp_offer offer;    /* scratch */
    struct sdp_negotiated neg; /* scratch */
};

/* Takes c->p over. Kept and retried when the worker's mailbox is full. */
void media_post(struct media *m, unsigned worker, const struct cmd *c);
void media_flush(struct media *m); /* retries what is kept */
/* Finds or makes; NULL when there are too many. */
void media_room_free(struct media_room *r);
struct media_room *media_room_get(struct media *m, uint64_t id);
unsigned media_place(const struct media *m, const struct media_room *r, enum media_peer_kind kind);
/* Whether worker w, which media_place chose, takes one more; if so it is charged for it. The burdens are as
 * of the last media_weigh. */
bool media_admit(struct media *m, unsigned w, enum media_peer_kind kind);
void media_weigh(struct media *m);
/* A view came to / left a worker: relays are opened and closed by it. */
void media_room_view_in(struct media *m, struct media_room *r, unsigned worker);
void media_room_view_out(struct media *m, struct media_room *r, unsigned worker);
/* Takes the peer out of control's tables and frees it; tells the worker nothing. */
void media_peer_forget(struct media *m, struct media_peer *p);
bool media_member_ok(const char *member);

#endif

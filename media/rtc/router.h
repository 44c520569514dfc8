/* router — one room on one worker: its feeds and their tracks, its views, and which circle each is in. It
 * decides which feed is on which slot; packets go straight from a track to its sinks. Where the room's
 * publishers live it is the home; on other workers its tracks are mirrors fed by the relay and only its views
 * are real. Thread: the worker's. Owner: plane. Limits: ROUTER_TRACKS_MAX tracks, ROUTER_BLOCKS_MAX members
 * blocked, as many in another circle than the first. */
#ifndef ROUTER_H
#define ROUTER_H
#include "media/base/map.h"
#include "media/rtc/circle.h"

enum {
    ROUTER_TRACKS_MAX = 256,
    ROUTER_BLOCKS_MAX = 20000, /* as many as there can be members */
    ROUTER_VOICES_MAX = 512,   /* interpreters */
    ROUTER_SWEEP_US = 500 * 1000,
    ROUTER_MIRROR_IDLE_US =
        60 * 1000 * 1000, /* a mirror without packets is forgotten; a packet makes it anew */
};

/* Something that wants all of the room, present and future: a relay every track, a tap every feed. Each may
 * be NULL. */
struct router_fan {
    struct list in_room;
    void (*on_track)(struct router_fan *f, struct track *t, int64_t now_us);
    void (*on_feed)(struct router_fan *f, struct feed *d, int64_t now_us);
    void (*on_settle)(struct router_fan *f, int64_t now_us); /* layers came or went */
};

struct router {
    uint64_t id;
    struct env *env;
    bool home;
    struct list tracks, feeds, views, fans;
    struct list changed; /* views to be looked at when it settles */
    unsigned track_count;
    struct circle *circle[MEDIA_CIRCLES]; /* by number; NULL: nobody has spoken of it */
    unsigned circle_n;                    /* none from this number on */
    unsigned moves;                       /* people went from one to another so often */
    struct smap circles;                  /* member -> router_where */
    struct smap voices;                   /* member -> the channel his microphone is in */
    struct smap blocked;                  /* member -> bits of enum media_source */
    bool dirty, all;                      /* to be settled; all views, not only those in `changed` */
    struct list in_dirty;
    struct env_timer timer;
};

struct router *router_open(uint64_t id, struct env *env, bool home);
void router_close(struct router *r, int64_t now_us); /* tracks close; views and fans must be gone */

/* A layer joins the feed its track_cfg names, or founds it. -ERR_FULL. */
int router_track_add(struct router *r, struct track *t, int64_t now_us);
void router_track_drop(struct router *r, struct track *t, int64_t now_us); /* closes it */
/* One packet of a track's source (unwrapped seq): stored, and given to every sink. */
void router_put(struct router *r, struct track *t, uint64_t seq, const struct rtp *p,
                const struct track_level *level, int64_t now_us);
struct track *router_track(const struct router *r, uint32_t id); /* NULL */
struct feed *router_feed(const struct router *r, uint32_t id);   /* NULL */
void router_track_off(struct router *r, struct track *t, int64_t now_us);

void router_view_add(struct router *r, struct view *v);
void router_view_changed(struct router *r, struct view *v); /* its wants or audio_only */
void router_fan_add(struct router *r, struct router_fan *f, int64_t now_us);
void router_stage(struct router *r, unsigned circle, const struct view_pick *picks, unsigned n);
/* He is in this circle now; everywhere: what he sends is in all. */
void router_move(struct router *r, const char *member, unsigned circle, bool everywhere, int64_t now_us);
/* His microphone is in this channel of interpreters and in no circle; 0: in his circle as any other. */
void router_voice(struct router *r, const char *member, unsigned channel, int64_t now_us);
void router_block(struct router *r, const char *member, enum media_source s, bool on, int64_t now_us);
bool router_blocked(const struct router *r, const char *member, enum media_source s);
/* End of the turn: maps what changed, tells what moved. */
void router_settle(struct router *r, int64_t now_us);

#endif

/* router — one room on one worker: its feeds and their tracks, its views, the picture everybody is shown, who
 * speaks. It decides which feed is on which slot; packets go straight from a track to its sinks. Where the
 * room's publishers live it is the home; on other workers its tracks are mirrors fed by the relay and only
 * its views are real. Thread: the worker's. Owner: plane. Limits: ROUTER_TRACKS_MAX tracks, ROUTER_BLOCKS_MAX
 * members blocked. */
#ifndef ROUTER_H
#define ROUTER_H
#include "media/base/map.h"
#include "media/rtc/speaker.h"
#include "media/rtc/view.h"

enum {
    ROUTER_TRACKS_MAX = 256,
    ROUTER_BLOCKS_MAX = 20000, /* as many as there can be members */
    ROUTER_SWEEP_US = 500 * 1000,
    ROUTER_SPEAK_US = 200 * 1000,    /* between two tellings of who speaks */
    ROUTER_REORDER_US = 2000 * 1000, /* the same people behind the same first can wait so long */
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
    unsigned track_count;
    struct view_pick stage[MEDIA_ROOM_STAGE_MAX];
    unsigned stage_n;
    struct speaker speaker;
    uint32_t rank[SPEAKER_RANKED]; /* track ids, as last asked of the speaker */
    unsigned rank_n;
    uint32_t dominant;             /* track id */
    uint32_t told[SPEAKER_RANKED]; /* track ids of the last MEDIA_EV_SPEAKING */
    unsigned told_n;
    int64_t told_us;
    struct smap blocked; /* member -> bits of enum media_source */
    bool dirty, all;     /* to be settled; all views, not only those that changed */
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
void router_stage(struct router *r, const struct view_pick *picks, unsigned n);
void router_block(struct router *r, const char *member, enum media_source s, bool on, int64_t now_us);
bool router_blocked(const struct router *r, const char *member, enum media_source s);
/* End of the turn: maps what changed, tells what moved. */
void router_settle(struct router *r, int64_t now_us);

#endif

/* circle — of the people in one room those who hear and see each other: what of its sounds is loudest, and
 * what picture is shown to them. A room has one, number 0; a class that talks in small groups has one a table
 * more. A feed is in its member's circle, or in every one. Thread: the worker's. Owner: its room (router).
 * Limits: MEDIA_CIRCLES a room; 4 kB each, made when it is first spoken of. */
#ifndef CIRCLE_H
#define CIRCLE_H
#include "media/rtc/speaker.h"
#include "media/rtc/view.h"

enum {
    CIRCLE_SPEAK_US = 200 * 1000,    /* between two tellings of who speaks */
    CIRCLE_REORDER_US = 2000 * 1000, /* the same people behind the same first can wait so long */
};

struct router;
struct circle {
    unsigned no;
    struct view_pick stage[MEDIA_ROOM_STAGE_MAX];
    unsigned stage_n;
    struct speaker speaker;
    uint32_t rank[SPEAKER_RANKED]; /* track ids, as last asked of the speaker */
    unsigned rank_n;
    uint32_t dominant;             /* track id */
    uint32_t told[SPEAKER_RANKED]; /* track ids of the last MEDIA_EV_SPEAKING */
    unsigned told_n;
    int64_t told_us;
};

struct circle *circle_open(unsigned no);
/* Ranks anew, and tells who speaks when that differs from what was told, not too often; what must wait is
 * told by the room's timer. True: the ranking changed. */
bool circle_rank(struct circle *c, struct router *r, int64_t now_us);
/* Who speaks: the one who has the floor, then the others by loudness. */
unsigned circle_loud(const struct circle *c, const struct router *r, struct track *out[SPEAKER_RANKED]);

#endif

/* director — a room's picture: what everybody is shown, whose camera is the program, and whether the recorder
 * runs. Told by the log and by who speaks; tells the media plane and the recorder what changed. Thread:
 * control. */
#ifndef DIRECTOR_H
#define DIRECTOR_H
#include "server/rooms/program.h"
#include "server/signaling/inside.h"

struct director {
    struct program program;
    struct timer timer;
    char loudest[ROOM_ID_MAX + 1];
    struct note *speaking[MEDIA_CIRCLES]; /* the last ones, for newcomers; NULL = nobody has spoken yet */
    /* What the media plane and the recorder were told last. */
    char pick_ids[MEDIA_ROOM_STAGE_MAX][ROOM_ID_MAX + 1];
    enum media_source pick_sources[MEDIA_ROOM_STAGE_MAX];
    size_t pick_count;
    char program_told[ROOM_ID_MAX + 1], screen_told[ROOM_ID_MAX + 1];
    enum media_source screen_source;
    uint64_t hosts_told; /* digest of what the hosts' views want beside the room's picture; 0 = nothing */
    bool is_recording;
};

struct live;
void director_init(struct director *d);
void director_fini(struct director *d);
void director_on_event(struct live *l, const struct event *e); /* committed */
void director_update(struct live *l);
void director_record(struct live *l);   /* starts or stops the recorder as the room and its people want */
void director_channels(struct live *l); /* who is on the air of which language: the recorder is told */
void director_anew(struct live *l);     /* a host's view was opened, or returned to what all see */
void director_speaking(struct live *l, unsigned circle, struct str ids);

#endif

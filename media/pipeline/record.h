/* record — one take of a recording: tracks and choices in, three renditions on disk, and one a language
 * interpreted. Times are in the local clock; media time is base + (now - start). Thread: owner's. Ownership:
 * heap, record_close. Limits: RECORD_TRACKS_MAX tracks, RECORD_MEMBERS_MAX members at once. */
#ifndef RECORD_H
#define RECORD_H
#include "media/base/map.h"
#include "media/pipeline/lane.h"
#include "media/pipeline/master.h"
#include "media/pipeline/recover.h"
#include "media/pipeline/source.h"

enum { RECORD_TRACKS_MAX = 256, RECORD_MEMBERS_MAX = 256, RECORD_MEMBER_BYTES = 64 };

struct record_cfg {
    const char *dir;
    struct recovery past;      /* what is there already */
    int64_t wall_ms, clock_us; /* one moment in both clocks: the take's start */
    int64_t segment_ms, part_ms;
    int ear_fd; /* the sound goes there, too (ear.h); 0 = nowhere */
    void *arg;
    void (*ask_key)(void *arg, uint32_t track); /* please ask this track's source for a keyframe */
};
struct record;
int record_open(struct record **out, const struct record_cfg *cfg);
void record_close(struct record *r);
void record_track(struct record *r, uint32_t track, enum source_kind kind, enum frame_codec codec,
                  struct str member);
/* An interpreter's microphone: heard in the channel it is on the air of (record_air), never in the room's
 * mix. */
void record_interpreter(struct record *r, uint32_t track, struct str member);
void record_untrack(struct record *r, uint32_t track, int64_t now_us);
void record_choose(struct record *r, bool screen, uint32_t track,
                   int64_t now_us); /* program or screen; 0 = none */
/* Whose voice is in the channel of this language (small letters); 0 = nobody's. */
void record_air(struct record *r, struct str lang, uint32_t track);
void record_frame(struct record *r, const struct frame *f);
void record_tick(struct record *r, int64_t now_us);
/* Closes the take; `torn` when nobody asked for it: what follows is then missing from the recording. *end_ms
 * is where the next one begins. -ERR_IO: the disk (record_status says why). */
int record_stop(struct record *r, int64_t now_us, bool torn, int64_t *end_ms);
int record_status(struct record *r, const char **why);
int record_fd(const struct record *r); /* readable when record_status may have news */
uint32_t record_take(const struct record *r);
bool record_gap(const struct record *r); /* something is missing before this take */
int64_t record_base_ms(const struct record *r);
int64_t record_duration_ms(const struct record *r); /* handed to the disk */
uint64_t record_bytes(struct record *r);
struct sound *record_sound(struct record *r); /* for tests: what happens when a part of it fails */

#endif

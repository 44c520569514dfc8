/* room_rig — what tests of rooms share: formats, short ways to give commands, and a source of random ones. */
#ifndef ROOM_RIG_H
#define ROOM_RIG_H
#include "server/rooms/room.h"

extern const struct format rig_webinar; /* attendees watch, chat, raise hands; stage of 4 */
extern const struct format rig_lesson;  /* attendees are on stage and talk; lobby */

struct rig_rnd {
    uint64_t x;
};
uint32_t rig_next(struct rig_rnd *r, uint32_t below);

/* What a member is called without his name here. */
void rig_alias(char out[ROOM_ID_MAX + 1], const char *id);
/* Decide and evolve. Returns decide's result; *es (if given) keeps the events, else they are freed. */
int rig_do(struct room *r, const char *by, struct command cmd, int64_t now_ms, struct events *es);
int rig_join(struct room *r, const char *id, enum role role);
/* cmocka's setup and teardown: a room, never recorded, with "host", the speaker "sp" and the attendee "ann".
 */
int rig_three(void **state, const struct format *format);
int rig_three_over(void **state);
/* Any command by anybody, mostly of the few people a rig room has. The text is static. */
void rig_random_command(struct rig_rnd *rnd, struct command *cmd, char by[ROOM_ID_MAX + 1], bool *is_system);
/* Mostly at something that is there. */
void rig_aim(struct rig_rnd *rnd, struct command *cmd, const struct room *r);
/* Any event at all, well-formed as memory but not as history. The text is heap. */
void rig_random_event(struct rig_rnd *rnd, struct event *e);

#endif

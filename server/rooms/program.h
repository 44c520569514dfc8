/* program — the two choices that make a picture of a room: which cameras and screens are shown to everybody,
 * and whose camera is the program that is recorded. Pure; fed with who speaks and the time. The program does
 * not jump at every cough: somebody must lead for PROGRAM_LEAD_MS, and a choice stays for PROGRAM_STAY_MS
 * unless its camera goes. */
#ifndef PROGRAM_H
#define PROGRAM_H
#include "server/rooms/room.h"

enum { PROGRAM_LEAD_MS = 1000, PROGRAM_STAY_MS = 3000 };

struct program {
    char who[ROOM_ID_MAX + 1]; /* whose camera; "" = nobody's */
    int64_t since_ms;
    char leader[ROOM_ID_MAX + 1]; /* who speaks loudest and has a camera */
    int64_t leads_since_ms;
};

/* `loudest`: member id or "". True when p->who changed. */
bool program_update(struct program *p, const struct room *r, const char *loudest, int64_t now_ms);
int64_t program_next_ms(const struct program *p); /* when to update again by time alone; INT64_MAX never */

/* What is shown unless a viewer wants otherwise: screens, the spotlit camera, the other cameras in stage
 * order; with more cameras than `slots`, the program's takes the last of them. At most max; returns how many.
 * The picks' ids are borrowed from the room. */
size_t program_picks(const struct program *p, const struct room *r, unsigned slots, struct media_pick *out,
                     size_t max);
/* The same for who moderates, where attendees' cameras are for hosts only. */
size_t program_picks_all(const struct program *p, const struct room *r, unsigned slots,
                         struct media_pick *out, size_t max);
/* What is shown at a table: screens, second cameras, cameras of those at it and of who speaks to all. `all`:
 * as above. */
size_t program_table_picks(const struct room *r, unsigned table, bool all, struct media_pick *out,
                           size_t max);
/* What is shown beside the program: a screen that is shared, else a second camera (the spotlit person's
 * first); member "" = nothing. The id is borrowed from the room. */
struct media_pick program_screen(const struct room *r);

#endif

/* plane_cmd — what control's commands do to a plane: rooms, peers, taps and relays opened and closed. A part
 * of plane, in its own file. Thread and ownership: plane's. */
#ifndef PLANE_CMD_H
#define PLANE_CMD_H
#include "media/rtc/plane.h"

enum { PLANE_TAPS_MAX = 1024 };

void plane_room_close(struct plane *pl, struct router *r, int64_t now_us);
void plane_peer_close(struct plane *pl, struct peer *p, int64_t now_us);
void plane_tap_close(struct plane *pl, struct tap *t);
void plane_unlearn(struct plane *pl, const struct peer *p, const struct addr_path *path); /* no longer its */

#endif

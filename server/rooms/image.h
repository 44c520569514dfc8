/* image — the shortest log that leads to a room's present state: what a room is restored from instead of its
 * whole history. The events are of the ordinary kinds, in an order that evolves from nothing to what the room
 * is; only hands and messages keep their numbers, so whoever evolves them sets room.seq afterwards. Pure.
 * Limits: two or three events a person known, IMAGE_EVENTS_PER_MEMBER at most, and the chat kept. */
#ifndef IMAGE_H
#define IMAGE_H
#include "server/rooms/room.h"

enum { IMAGE_EVENTS_PER_MEMBER = 9 + 2 * MEDIA_SOURCE_COUNT };

/* put is called for each event in order; the event and its text are borrowed for the call. Not for a room
 * that has ended: nothing can happen there. */
void room_image(const struct room *r, void (*put)(void *ctx, const struct event *e), void *ctx);

#endif

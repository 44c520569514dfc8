/* discreet — what a log that keeps counts only (format.keep) may hold of an event: that somebody came, went,
 * sent or raised a hand; no word anybody wrote and nobody's name. A room restored from such a log has
 * forgotten what was said, and learns the names anew as people come back. Pure. Thread: any. */
#ifndef DISCREET_H
#define DISCREET_H
#include "server/rooms/event.h"

#define DISCREET_NAME "—" /* stands where a name must */

/* The event as it may be kept: owns nothing, borrows of `e` a list of languages at most (it has no text). */
struct event discreet_event(const struct event *e);

#endif

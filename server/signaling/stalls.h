/* stalls — how many wait for more of the video that all watch, told to those who moderate: the class goes on,
 * but they know. Thread: control. Limits: a sum at once and then every STALLS_EVERY_MS while anybody waits.
 */
#ifndef STALLS_H
#define STALLS_H
#include "server/signaling/inside.h"

enum { STALLS_EVERY_MS = 2000 };

struct session;
struct msg;
void stalls_on_page(struct session *s, const struct msg *m); /* a `stall` message */

#endif

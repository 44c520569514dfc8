/* captioning — a caption while it is being typed, told to all who are in and kept nowhere: the whole of it,
 * as often as its rate class lets. Thread: control. Owns nothing. Limits: ROOM_LINE_CHARS. */
#ifndef CAPTIONING_H
#define CAPTIONING_H

struct session;
struct msg;
void captioning_tell(struct session *s, const struct msg *m);

#endif

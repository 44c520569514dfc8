/* channels — of interpreters, in the media plane: a microphone that is in one is in no circle, so neither
 * ranked nor in the recording of the room, and heard by those views alone that listen to it, on the last of
 * their audio slots while somebody sends in it; the loudest are on the others. Part of the facade (media.h).
 * Thread: control.
 */
#ifndef MEDIA_CHANNELS_H
#define MEDIA_CHANNELS_H
#include "media/media.h"

/* The microphone of this member is in this channel, in none, or, 0, everybody's. */
void media_member_channel(struct media *m, uint64_t room, const char *member, unsigned channel);
void media_view_listen(struct media *m, uint64_t peer, unsigned channel); /* 0: to the room */

#endif

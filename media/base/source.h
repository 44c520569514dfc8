/* source — what a member can send, and its name on the wire. Pure values. Thread: any. */
#ifndef MEDIA_SOURCE_H
#define MEDIA_SOURCE_H
#include "media/base/str.h"

/* Of interpreters in a room: from 1; NONE is heard by nobody (media/channels.h). */
enum { MEDIA_CHANNELS = 8, MEDIA_CHANNEL_NONE = 255 };

enum media_source {
    MEDIA_MIC,
    MEDIA_CAMERA,
    MEDIA_SCREEN,
    MEDIA_SCREEN_AUDIO,
    MEDIA_CONTENT, /* a second camera: hands, and what they do */
    MEDIA_SOURCE_COUNT
};
const char *media_source_name(enum media_source s); /* "mic" "camera" "screen" "screen_audio" "content" */
int media_source_of(struct str name);               /* enum value or -ERR_INVALID */

#endif

/* video — which codec the pictures of a room are in by preference. Every room speaks H.264 and VP8 too. Pure.
 */
#ifndef VIDEO_H
#define VIDEO_H
#include "media/base/str.h"

enum media_video { MEDIA_H264, MEDIA_VP8, MEDIA_VP9, MEDIA_AV1, MEDIA_VIDEO_COUNT };

static inline const char *media_video_name(enum media_video v) {
    static const char *const NAME[MEDIA_VIDEO_COUNT] = {"h264", "vp8", "vp9", "av1"};
    return v < MEDIA_VIDEO_COUNT ? NAME[v] : "";
}
/* MEDIA_VIDEO_COUNT when there is no such codec. */
static inline enum media_video media_video_of(struct str name) {
    enum media_video v = MEDIA_H264;
    while (v < MEDIA_VIDEO_COUNT && !str_is(name, media_video_name(v)))
        v++;
    return v;
}

#endif

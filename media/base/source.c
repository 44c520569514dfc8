#include "media/base/source.h"

#include "media/base/err.h"

static const char *const media_source_names[MEDIA_SOURCE_COUNT] = {"mic", "camera", "screen", "screen_audio",
                                                                   "content"};

const char *media_source_name(enum media_source s) {
    return s < MEDIA_SOURCE_COUNT ? media_source_names[s] : "";
}

int media_source_of(struct str name) {
    for (int i = 0; i < MEDIA_SOURCE_COUNT; i++) {
        if (str_is(name, media_source_names[i]))
            return i;
    }
    return -ERR_INVALID;
}

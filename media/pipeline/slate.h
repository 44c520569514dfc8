/* slate — the still that stands where no picture is: one dark H.264 keyframe of the asked size, encoded when
 * first needed. Thread: owner's. Ownership: embedded value. */
#ifndef SLATE_H
#define SLATE_H
#include "media/pipeline/depay.h"

enum { SLATE_WIDTH = 1280, SLATE_HEIGHT = 720 };

struct slate {
    struct depay maker;
    struct picture picture;
    bool ready;
};
void slate_init(struct slate *s);
void slate_fini(struct slate *s);
/* NULL if the encoder cannot be had. The picture holds until another size is asked for. */
const struct picture *slate_picture(struct slate *s, uint16_t width, uint16_t height);

#endif

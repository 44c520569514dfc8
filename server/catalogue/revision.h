/* revision — which state of a lesson's captions there is, and of which its files on disk are. A revision is
 * the last line about captions in the room's log, the takes, and how often the lesson's editors changed
 * something; what is made of it is made when somebody asks for it, so that many changes cost one file and
 * none is lost with the server: a file without a mark, or with an older one, is made again. Thread: any with
 * its own connection. */
#ifndef REVISION_H
#define REVISION_H
#include <stdbool.h>
#include <stdint.h>
#include "server/store/store.h"

enum { REVISION_MAX = 64 };
enum revision_part { REVISION_CUES, REVISION_TIMELINE, REVISION_PARTS };

struct revision {
    bool is_marked; /* false: nothing was made here yet, or before there were marks */
    char now[REVISION_MAX], made[REVISION_PARTS][REVISION_MAX];
    int64_t changes, changes_made; /* of editors: in all, and those in the WebVTT files */
};
int revision_read(struct store *s, const char *data_dir, const char *event, struct revision *out);
bool revision_is_made(const struct revision *r, enum revision_part part);
/* What was read as `now` before it was made is on disk. */
int revision_mark(struct store *s, const char *event, enum revision_part part, const char *now);
/* An editor's change, inside its transaction. */
int revision_changed(struct store *s, const char *event);

#endif

/* amend — what captions were corrected to, or that they were withdrawn: in the room, by lines of its log, and
 * afterwards, by the lesson's editors, who have the last word. Thread: any with its own connection. Limits:
 * AMENDS_MAX of a lesson's editors, who are refused past it, and as many of its room, which has no more that
 * count. */
#ifndef AMEND_H
#define AMEND_H
#include "server/store/store.h"

enum { AMENDS_MAX = 20000, AMEND_TEXT_CHARS = 500 };

struct amend;
struct amends {
    struct amend *v; /* by number; of one number the last counts */
    size_t n;
};
/* Of the lines typed in the room; a failed read leaves none. amend_free in any case. */
int amend_typed(struct store *s, const char *event, struct amends *out);
/* Of the cues of a file in that language. */
int amend_file(struct store *s, const char *event, const char *lang, struct amends *out);
void amend_free(struct amends *a);
/* NULL: as it was written; "": withdrawn. */
const char *amend_of(const struct amends *a, uint64_t n);

struct amend_by {
    int64_t user, now_ms;
    const char *seen; /* the tag of the cue as he saw it (transcript_cue); NULL: whatever it says */
};
/* What an editor says, empty = withdrawn; lang "" for a line typed in the room. Saying it again changes
 * nothing. -ERR_FULL past AMENDS_MAX. Inside a transaction of the caller's, who counts the revision up. */
int amend_put(struct store *s, const char *event, const char *lang, uint64_t n, struct str text,
              struct amend_by by);

#endif

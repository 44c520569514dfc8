/* speechline — what a speech program says: one JSON object a line, {"at_ms":1200,"text":"…","final":true,
 * "lang":"uk"}. at_ms counts from the first sample the program was given; "final" false is a guess that will
 * change. Pure. Limits: a line of CHILD_LINE_MAX, a text of SPEECH_TEXT_CHARS. */
#ifndef SPEECHLINE_H
#define SPEECHLINE_H
#include <stdint.h>
#include "media/base/str.h"

enum {
    SPEECHLINE_AT_MAX_MS = INT32_MAX,
    SPEECH_TEXT_CHARS = 1000,
    SPEECH_LANG_MAX = 3,
    SPEECH_TEXT_MAX = 4 * SPEECH_TEXT_CHARS
};

struct speechline {
    int64_t at_ms;                  /* -1 = it did not say */
    bool is_final;                  /* also when it did not say */
    char lang[SPEECH_LANG_MAX + 1]; /* "" = it did not say */
    size_t n;
    char text[SPEECH_TEXT_MAX];
};
/* -ERR_INVALID: no such object, or text that no caption may have. */
int speechline_parse(struct speechline *out, struct str line);
/* The next caption of a text: at most a line's characters, cut between words. False: nothing is left. */
bool speechline_cut(struct str *rest, struct str *out);

#endif

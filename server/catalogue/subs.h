/* subs — reads a captions file somebody brings: WebVTT (https://www.w3.org/TR/webvtt1/) or SubRip (.srt,
 * after what players agree on), told apart by its first line. Strict: a file is taken as a whole or refused
 * at a line, with a reason; where cues stand on the screen and how they look is not kept, their words are.
 * Cues without words are passed over. Pure, allocation-free. Limits: enumerators below. */
#ifndef SUBS_H
#define SUBS_H
#include "media/base/str.h"

enum {
    SUBS_BYTES_MAX = 1 << 20, /* of what is brought: some fifteen hours of talk; asked by who takes it in */
    SUBS_CUES_MAX = 20000,
    SUBS_CUE_CHARS = 500,
    SUBS_CUE_MAX = 4 * SUBS_CUE_CHARS,
    SUBS_HOURS_MAX = 99
};

/* Why a file is refused: SUBS_##NAME, its name on the wire, in English. */
#define SUBS_FAULTS(X)                                                                                       \
    X(SIZE, "size", "The file is empty, or larger than 1 MiB.")                                              \
    X(KIND, "kind", "The file is neither WebVTT nor SRT.")                                                   \
    X(UTF8, "utf8", "The text is not UTF-8.")                                                                \
    X(TIMES, "times", "Times such as 00:01:02.000 --> 00:01:04.500 are expected here.")                      \
    X(ENDS, "ends", "A cue must end after it begins.")                                                       \
    X(ORDER, "order", "A cue must not begin before the one above it.")                                       \
    X(TAG, "tag", "In WebVTT a \"<\" that begins no tag is written &lt;")                                    \
    X(WORDS, "words", "A cue has at most 500 characters, and no control characters.")                        \
    X(MANY, "many", "A file has at most 20,000 cues.")                                                       \
    X(NONE, "none", "There is no cue in the file.")
enum subs_fault {
    SUBS_OK,
#define X(name, wire, text) SUBS_##name,
    SUBS_FAULTS(X)
#undef X
};
const char *subs_fault_name(enum subs_fault f); /* "" for SUBS_OK */
const char *subs_fault_text(enum subs_fault f);

struct subs {
    struct str rest;
    size_t line; /* of the last read, from 1; of the fault */
    size_t cues;
    int64_t start_ms; /* of the last cue */
    bool is_srt;
    enum subs_fault fault;
};
struct subs_cue {
    int64_t start_ms, end_ms;
    size_t n;
    char text[SUBS_CUE_MAX]; /* lines, none of them empty */
};
int subs_open(struct subs *p, struct str file); /* 0, or -ERR_INVALID and fault */
/* 1: the next cue; 0: there was one at least and no more; -ERR_INVALID: fault, at line. */
int subs_next(struct subs *p, struct subs_cue *out);

#endif

/* filmout — what ffprobe and ffmpeg say of a video, read out of their lines: what is in the file, whether
 * that can be shown as it is, how far the making is, how long what was made is. The programs read hostile
 * files, so what they say is hostile, too. Pure. Thread: any. Limits: enumerators. */
#ifndef FILMOUT_H
#define FILMOUT_H
#include "server/catalogue/upload.h"

enum {
    FILMOUT_LENGTH_MAX_MS = 4 * 3600 * 1000, /* of a video */
    FILMOUT_SIDE_MAX = 8192,                 /* pixels */
    FILMOUT_COPY_LONG = 1920,                /* a picture up to this is shown as it is … */
    FILMOUT_COPY_SHORT = 1088,
    FILMOUT_COPY_BPS = 8 * 1000 * 1000, /* … if the whole takes no more */
    FILMOUT_WORD_MAX = 32
};

struct filmout_stream {
    bool is_there;
    uint64_t index, width, height, channels, rate;
    char codec[FILMOUT_WORD_MAX], profile[FILMOUT_WORD_MAX], pixels[FILMOUT_WORD_MAX];
    char kind[FILMOUT_WORD_MAX];
    bool is_cover;  /* a picture of an album, not one that moves */
    bool is_turned; /* by a telephone held upright */
};
struct filmout {
    struct filmout_stream video, audio; /* the first of each */
    struct filmout_stream now;          /* being read */
    int64_t length_ms;                  /* 0: the file does not say */
    uint64_t bps;
};

void filmout_line(struct filmout *f, struct str line); /* one line of ffprobe -of default */
/* Why it cannot be shown, or UPLOAD_FINE. */
enum upload_why filmout_judge(const struct filmout *f);
/* Browsers play it as it is. */
bool filmout_may_copy_video(const struct filmout *f);
bool filmout_may_copy_audio(const struct filmout *f);

bool filmout_progress(struct str line, int64_t *ms); /* of ffmpeg -progress: so much is made */
/* A media playlist (RFC 8216) that is whole: how long all of it is, and its longest segment. */
bool filmout_list(struct str text, int64_t *length_ms, int64_t *longest_ms);

#endif

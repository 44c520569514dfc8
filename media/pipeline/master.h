/* master — index.m3u8, the multivariant playlist, and the codec string it needs: the most demanding seen.
 * Pure. */
#ifndef MASTER_H
#define MASTER_H
#include "media/pipeline/avc.h"
#include "media/pipeline/tongue.h"

struct master {
    uint8_t profile, compat, level;
    uint16_t width, height;
    int64_t bandwidth_bps;
    char langs[TONGUES_MAX][PLAYLIST_LANG_MAX + 1]; /* channels of interpreters, by their codes */
    unsigned langs_n;
};
void master_init(struct master *m);
/* Takes a run of the program into account. True if the text changed. */
bool master_see(struct master *m, struct bytes avc_config, uint16_t width, uint16_t height);
bool master_speak(struct master *m, const char *lang); /* a channel; true if the text changed */
void master_write(struct buf *b, const struct master *m);

#endif

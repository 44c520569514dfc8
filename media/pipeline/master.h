/* master — index.m3u8, the multivariant playlist, and the codec string it needs: the most demanding seen.
 * Pure. */
#ifndef MASTER_H
#define MASTER_H
#include "media/pipeline/avc.h"

struct master {
    uint8_t profile, compat, level;
    uint16_t width, height;
    int64_t bandwidth_bps;
};
void master_init(struct master *m);
/* Takes a run of the program into account. True if the text changed. */
bool master_see(struct master *m, struct bytes avc_config, uint16_t width, uint16_t height);
void master_write(struct buf *b, const struct master *m);

#endif

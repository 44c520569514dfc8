/* mend — the channels of interpreters after a crash. What a channel's playlist has to say follows from that
 * of the floor and the files that are there: each of the floor's segments, or the channel's own in its place.
 * So it is written anew, and a file of its own that was torn is made as long as the floor's: cut where it is
 * longer, filled with the floor's sound where it is shorter. Idempotent. Blocking. Thread: owner's. */
#ifndef MEND_H
#define MEND_H
#include "media/pipeline/tongue.h"

/* The languages that have a playlist, by their codes; with `files` also those of which there is a segment and
 * no playlist yet. Past TONGUES_MAX they are left out. */
int mend_langs(char langs[TONGUES_MAX][PLAYLIST_LANG_MAX + 1], unsigned *n, const char *dir, bool files);
/* Segments of this take may be torn. The disk gets the playlist. */
int mend_tongue(struct disk *disk, const char *dir, const char *lang, uint32_t take);

#endif

/* tongue — one language channel of the recording: a rendition of the sound that is the floor, segment by
 * segment the very same files, but for the segments in which its interpreter is heard: those are its own, of
 * the same frames, parts and numbers, encoded while he speaks and not before. So it is in step with the floor
 * by its making, costs nothing while nobody interprets, and its playlist is that of the floor with other
 * names here and there. Thread: owner's. Ownership: heap, the disk is borrowed. Limits: TONGUES_MAX a
 * recording. */
#ifndef TONGUE_H
#define TONGUE_H
#include "media/pipeline/aac.h"
#include "media/pipeline/duck.h"
#include "media/pipeline/frag.h"

enum {
    TONGUES_MAX = 16,
    TONGUE_PACKETS = 8,
    TONGUE_YOUNG = 24 /* frames: a segment is not cut sooner if it can wait */
};

struct tongue {
    char lang[PLAYLIST_LANG_MAX + 1], list[PLAYLIST_URI_MAX];
    unsigned slot;      /* of the disk */
    uint32_t track;     /* who is on the air; 0: nobody */
    bool listed;        /* its playlist is there */
    bool live;          /* its encoder runs: from frame `from` on */
    struct mixer mixer; /* the interpreter alone */
    struct duck duck;
    struct aac aac;
    struct frag frag;
    int64_t base, from, given; /* sample of frame 0; the next packet's frame */
    int64_t busy, retry; /* the last frame that was more than the floor; no new encoder before this one */
    struct {
        int64_t frame;
        size_t n;
        uint8_t data[AAC_PACKET_MAX];
    } packets[TONGUE_PACKETS]; /* by frame, until the floor's is there */
    uint64_t borrowed;         /* frames of the floor in place of its own: the encoder failed */
};
/* `floor`: of the floor's rendition. `listed`: it was recorded before, its playlist goes on. */
struct tongue *tongue_open(const struct frag_cfg *floor, const char *lang, unsigned no, int64_t base,
                           bool listed);
void tongue_close(struct tongue *t);
void tongue_put(struct tongue *t, struct mixer_in *in, int64_t at, const int16_t *pcm, size_t n);
void tongue_air(struct tongue *t, uint32_t track);
/* Before the floor's frame is mixed: must it begin a segment of its own there? `young`: the floor has just
 * begun one, so better a little later. The owner then cuts the floor at this frame and wakes it. */
bool tongue_wakes(const struct tongue *t, int64_t frame, bool young);
void tongue_wake(struct tongue *t, int64_t frame, const int16_t *before);
void tongue_hear(struct tongue *t, int64_t frame, const int16_t *floor); /* a frame of the floor's mix */
/* The floor's packet of this frame has gone into `floor`. */
void tongue_sample(struct tongue *t, const struct frag *floor, int64_t frame, struct bytes packet);
/* The floor listed this, after what `before` has. */
void tongue_list(struct tongue *t, struct str before, struct str line);

#endif

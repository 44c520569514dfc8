/* source — one track on its way in: packets back in order, timestamps to media time, payloads to pictures
 * (video) or decoded into the mix (audio); a picture in another codec is transcoded to H.264 while somebody
 * shows it. A decoder that fails is made anew; nothing a track sends ends the recording. Thread: owner's.
 * Ownership: heap, source_close. Times: arrival_us and now_us in the local clock; given out as media time by
 * the owner's clock offset. */
#ifndef SOURCE_H
#define SOURCE_H
#include "media/base/frame.h"
#include "media/pipeline/depay.h"
#include "media/pipeline/element.h"
#include "media/pipeline/reorder.h"
#include "media/pipeline/sound.h"
#include "media/pipeline/tsmap.h"

enum {
    SOURCE_VIDEO_WAIT_US = 400000, /* for a retransmission */
    SOURCE_AUDIO_WAIT_US = 250000,
    SOURCE_ASK_US =
        1000000, /* keyframes are asked for no more often (media plane's own budget is the same) */
    SOURCE_RETRY_US = 2000000 /* after a decoder could not be built */
};
enum source_kind { SOURCE_CAMERA = 1, SOURCE_MIC, SOURCE_SCREEN, SOURCE_SCREEN_AUDIO, SOURCE_CONTENT };

struct source;
struct source_ops {
    void *arg;
    /* A picture in H.264, at media time at_us. */
    void (*on_picture)(void *arg, struct source *s, int64_t at_us, const struct picture *p);
    /* n stereo samples heard at at_us. */
    void (*on_pcm)(void *arg, struct source *s, int64_t at_us, const int16_t *pcm, size_t n);
};
struct source {
    uint32_t track;
    enum source_kind kind;
    enum frame_codec codec;
    struct source_ops ops;
    struct tsmap_member *member; /* borrowed: outlived by the owner's table */
    struct reorder reorder;
    struct tsmap map;
    uint32_t ssrc;
    bool has_ssrc, gone;       /* gone: nothing comes any more */
    bool interprets;           /* the owner's: it is no voice of the room */
    int64_t media_offset_us;   /* local clock to media time */
    int64_t asked_us, last_us; /* when a keyframe was asked; arrival of the last packet */
    /* video */
    struct depay depay;
    int64_t picture_us; /* of depay.ts */
    bool shown;         /* what is not H.264 is transcoded only while somebody shows it */
    /* decoder (opus) or transcoder (vp8, vp9, av1) */
    struct element *element;
    struct depay encoded; /* of the transcoder's output */
    int64_t failed_us, pcm_us;
    int64_t transcoder_zero_us, transcoder_pts_us, transcoded_us;
    bool transcoder_primed; /* it got the keyframe it has to begin with */
    struct mixer_in in;
    uint64_t packets, rebuilt;
};
int source_open(struct source **out, uint32_t track, enum source_kind kind, enum frame_codec codec,
                const struct source_ops *ops);
void source_close(struct source *s);
void source_put(struct source *s, const struct frame *f);
void source_tick(struct source *s, int64_t now_us); /* gaps that ran out */
/* Should a keyframe be asked of the tap at now_us? `wanted`: somebody waits for one. A transcoder makes its
 * own. */
bool source_ask(struct source *s, bool wanted, int64_t now_us);
void source_shown(struct source *s, bool shown);

#endif

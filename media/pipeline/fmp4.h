/* fmp4 — writes fragmented MP4 (ISO/IEC 14496-12, HLS flavour of RFC 8216 3.3): an init segment that
 * describes one track, and parts, each one moof + mdat. Pure: bytes go into the caller's buf. Thread:
 * owner's. */
#ifndef FMP4_H
#define FMP4_H
#include "media/base/buf.h"

enum fmp4_kind { FMP4_VIDEO = 1, FMP4_AUDIO = 2 };
enum { FMP4_VIDEO_HZ = 90000, FMP4_AUDIO_HZ = 48000, FMP4_INIT_MAX = 4096, FMP4_NAME_MAX = 32 };

/* What an init segment says. */
struct fmp4_track {
    enum fmp4_kind kind;
    uint32_t timescale;
    uint16_t width, height; /* video */
    struct bytes config;    /* avcC payload, or AudioSpecificConfig; view */
    struct str name;  /* hdlr name: what the track shows ("camera", "slate", …); view, < FMP4_NAME_MAX */
    const char *lang; /* BCP 47, of a plain file's further sounds; NULL: not said */
    bool further;     /* one of several sounds, and not the one to begin with */
};
struct fmp4_sample {
    uint32_t dur, size; /* timescale ticks, bytes */
    bool sync;
};
/* A sample description box (avc1 or mp4a) of the track, as in stsd. */
void fmp4_entry(struct buf *b, const struct fmp4_track *t);
void fmp4_init(struct buf *b, const struct fmp4_track *t);
void fmp4_segment_type(struct buf *b);
/* moof and the head of mdat; the caller writes the samples' bytes right behind. */
void fmp4_part(struct buf *b, enum fmp4_kind kind, uint32_t seq, uint64_t tfdt, const struct fmp4_sample *v,
               size_t n);

/* Building blocks, shared with the plain MP4 writer. box_open gives the place that box_close patches. */
size_t box_open(struct buf *b, const char type[4]);
size_t box_open_full(struct buf *b, const char type[4], uint8_t version, uint32_t flags);
void box_close(struct buf *b, size_t at);
void box_u8(struct buf *b, uint8_t v);
void box_u16(struct buf *b, uint16_t v);
void box_u32(struct buf *b, uint32_t v);
void box_u64(struct buf *b, uint64_t v);
void box_zero(struct buf *b, size_t n);
/* mvhd, tkhd, hdlr, vmhd/smhd + dinf: the constant part of a movie, durations in ms and in the track's ticks.
 */
void box_mvhd(struct buf *b, uint64_t dur_ms, uint32_t next_track);
void box_tkhd(struct buf *b, const struct fmp4_track *t, uint32_t id, uint64_t dur_ms);
void box_media_head(struct buf *b, const struct fmp4_track *t, uint64_t dur);
void box_media_info(struct buf *b, enum fmp4_kind kind);

#endif

#include "media/pipeline/fmp4.h"
#include "media/pipeline/tonguename.h"

enum { MOVIE_HZ = 1000 };

void box_u8(struct buf *b, uint8_t v) { buf_put(b, &v, 1); }
void box_u16(struct buf *b, uint16_t v) { buf_put(b, (uint8_t[]){(uint8_t)(v >> 8), (uint8_t)v}, 2); }
void box_u32(struct buf *b, uint32_t v) {
    box_u16(b, (uint16_t)(v >> 16));
    box_u16(b, (uint16_t)v);
}
void box_u64(struct buf *b, uint64_t v) {
    box_u32(b, (uint32_t)(v >> 32));
    box_u32(b, (uint32_t)v);
}
void box_zero(struct buf *b, size_t n) {
    static const uint8_t zero[64];
    for (; n > sizeof zero; n -= sizeof zero)
        buf_put(b, zero, sizeof zero);
    buf_put(b, zero, n);
}
static void put_type(struct buf *b, const char type[4]) { buf_put(b, type, 4); }

size_t box_open(struct buf *b, const char type[4]) {
    size_t at = b->n;
    box_u32(b, 0);
    put_type(b, type);
    return at;
}
size_t box_open_full(struct buf *b, const char type[4], uint8_t version, uint32_t flags) {
    size_t at = box_open(b, type);
    box_u32(b, (uint32_t)version << 24 | flags);
    return at;
}
static void patch_u32(struct buf *b, size_t at, uint32_t v) {
    if (b->over || at + 4 > b->n)
        return;
    for (int i = 0; i < 4; i++)
        b->p[at + (size_t)i] = (uint8_t)(v >> (24 - 8 * i));
}
void box_close(struct buf *b, size_t at) { patch_u32(b, at, (uint32_t)(b->n - at)); }

static void put_matrix(struct buf *b) {
    static const uint32_t unity[9] = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
    for (size_t i = 0; i < countof(unity); i++)
        box_u32(b, unity[i]);
}
void box_mvhd(struct buf *b, uint64_t dur_ms, uint32_t next_track) {
    size_t at = box_open_full(b, "mvhd", 1, 0);
    box_zero(b, 16);
    box_u32(b, MOVIE_HZ);
    box_u64(b, dur_ms);
    box_u32(b, 0x10000); /* rate 1.0 */
    box_u16(b, 0x100);   /* volume 1.0 */
    box_zero(b, 10);
    put_matrix(b);
    box_zero(b, 24);
    box_u32(b, next_track);
    box_close(b, at);
}
void box_tkhd(struct buf *b, const struct fmp4_track *t, uint32_t id, uint64_t dur_ms) {
    size_t at = box_open_full(b, "tkhd", 1, t->further ? 2 : 3); /* enabled, in movie */
    box_zero(b, 16);
    box_u32(b, id);
    box_u32(b, 0);
    box_u64(b, dur_ms);
    box_zero(b, 10);
    box_u16(b, t->kind == FMP4_AUDIO ? 1 : 0); /* alternate_group: of the sounds one is heard */
    box_u16(b, t->kind == FMP4_AUDIO ? 0x100 : 0);
    box_u16(b, 0);
    put_matrix(b);
    box_u32(b, (uint32_t)t->width << 16);
    box_u32(b, (uint32_t)t->height << 16);
    box_close(b, at);
}
/* Three letters of five bits (ISO/IEC 14496-12 8.4.2). */
static uint16_t packed_lang(const char *lang) {
    char iso[4];
    tongue_iso(iso, lang ? lang : "");
    return (uint16_t)((iso[0] - 0x60) << 10 | (iso[1] - 0x60) << 5 | (iso[2] - 0x60));
}
void box_media_head(struct buf *b, const struct fmp4_track *t, uint64_t dur) {
    size_t at = box_open_full(b, "mdhd", 1, 0);
    box_zero(b, 16);
    box_u32(b, t->timescale);
    box_u64(b, dur);
    box_u16(b, packed_lang(t->lang));
    box_u16(b, 0);
    box_close(b, at);
    if (t->lang) { /* 8.4.6, the whole code */
        at = box_open_full(b, "elng", 0, 0);
        buf_z(b, t->lang);
        box_u8(b, 0);
        box_close(b, at);
    }
    at = box_open_full(b, "hdlr", 0, 0);
    box_u32(b, 0);
    put_type(b, t->kind == FMP4_AUDIO ? "soun" : "vide");
    box_zero(b, 12);
    buf_str(b, t->name);
    box_u8(b, 0);
    box_close(b, at);
}
void box_media_info(struct buf *b, enum fmp4_kind kind) {
    size_t at;
    if (kind == FMP4_VIDEO) {
        at = box_open_full(b, "vmhd", 0, 1);
        box_zero(b, 8);
    } else {
        at = box_open_full(b, "smhd", 0, 0);
        box_zero(b, 4);
    }
    box_close(b, at);
    at = box_open(b, "dinf");
    size_t dref = box_open_full(b, "dref", 0, 0);
    box_u32(b, 1);
    box_close(b, box_open_full(b, "url ", 0, 1)); /* data is in this file */
    box_close(b, dref);
    box_close(b, at);
}

static void entry_video(struct buf *b, const struct fmp4_track *t) {
    size_t at = box_open(b, "avc1");
    box_zero(b, 6);
    box_u16(b, 1); /* data reference */
    box_zero(b, 16);
    box_u16(b, t->width);
    box_u16(b, t->height);
    box_u32(b, 0x480000); /* 72 dpi */
    box_u32(b, 0x480000);
    box_u32(b, 0);
    box_u16(b, 1); /* one frame a sample */
    box_zero(b, 32);
    box_u16(b, 24); /* depth */
    box_u16(b, 0xffff);
    size_t avcc = box_open(b, "avcC");
    buf_put(b, t->config.p, t->config.n);
    box_close(b, avcc);
    box_close(b, at);
}
/* ISO/IEC 14496-1 7.2.6: descriptors are tag, length, body; every length here is below 128. */
static void entry_audio(struct buf *b, const struct fmp4_track *t) {
    enum {
        ES_TAG = 3,
        DECODER_TAG = 4,
        SPECIFIC_TAG = 5,
        SYNC_TAG = 6,
        AAC = 0x40,
        AUDIO_STREAM = 5 << 2 | 1
    };
    size_t at = box_open(b, "mp4a");
    box_zero(b, 6);
    box_u16(b, 1);
    box_zero(b, 8);
    box_u16(b, 2);  /* channels */
    box_u16(b, 16); /* bits */
    box_u32(b, 0);
    box_u32(b, (uint32_t)FMP4_AUDIO_HZ << 16);
    size_t esds = box_open_full(b, "esds", 0, 0);
    uint8_t specific = (uint8_t)t->config.n;
    box_u8(b, ES_TAG);
    box_u8(b, (uint8_t)(3 + 2 + 13 + 2 + specific + 3));
    box_u16(b, 0);
    box_u8(b, 0);
    box_u8(b, DECODER_TAG);
    box_u8(b, (uint8_t)(13 + 2 + specific));
    box_u8(b, AAC);
    box_u8(b, AUDIO_STREAM);
    box_zero(b, 3);
    box_u32(b, 0);
    box_u32(b, 0);
    box_u8(b, SPECIFIC_TAG);
    box_u8(b, specific);
    buf_put(b, t->config.p, specific);
    box_u8(b, SYNC_TAG);
    box_u8(b, 1);
    box_u8(b, 2); /* predefined: MP4 */
    box_close(b, esds);
    box_close(b, at);
}
void fmp4_entry(struct buf *b, const struct fmp4_track *t) {
    if (t->kind == FMP4_VIDEO)
        entry_video(b, t);
    else
        entry_audio(b, t);
}
static void empty_table(struct buf *b, const char type[4], size_t zeros) {
    size_t at = box_open_full(b, type, 0, 0);
    box_zero(b, zeros);
    box_close(b, at);
}
static void init_track(struct buf *b, const struct fmp4_track *t) {
    size_t trak = box_open(b, "trak");
    box_tkhd(b, t, 1, 0);
    size_t mdia = box_open(b, "mdia");
    box_media_head(b, t, 0);
    size_t minf = box_open(b, "minf");
    box_media_info(b, t->kind);
    size_t stbl = box_open(b, "stbl");
    size_t stsd = box_open_full(b, "stsd", 0, 0);
    box_u32(b, 1);
    fmp4_entry(b, t);
    box_close(b, stsd);
    empty_table(b, "stts", 4);
    empty_table(b, "stsc", 4);
    empty_table(b, "stsz", 8);
    empty_table(b, "stco", 4);
    box_close(b, stbl);
    box_close(b, minf);
    box_close(b, mdia);
    box_close(b, trak);
}
void fmp4_init(struct buf *b, const struct fmp4_track *t) {
    size_t at = box_open(b, "ftyp");
    put_type(b, "iso6");
    box_u32(b, 1);
    put_type(b, "iso6");
    put_type(b, "mp41");
    box_close(b, at);
    at = box_open(b, "moov");
    box_mvhd(b, 0, 2);
    init_track(b, t);
    size_t mvex = box_open(b, "mvex");
    size_t trex = box_open_full(b, "trex", 0, 0);
    box_u32(b, 1);
    box_u32(b, 1);
    box_zero(b, 12);
    box_close(b, trex);
    box_close(b, mvex);
    box_close(b, at);
}
void fmp4_segment_type(struct buf *b) {
    size_t at = box_open(b, "styp");
    put_type(b, "msdh");
    box_u32(b, 0);
    put_type(b, "msdh");
    put_type(b, "msix");
    box_close(b, at);
}

void fmp4_part(struct buf *b, enum fmp4_kind kind, uint32_t seq, uint64_t tfdt, const struct fmp4_sample *v,
               size_t n) {
    /* 8.8.3.1: sample_depends_on 2 = independent; 1 + is_non_sync = needs others. */
    enum { SYNC = 0x02000000, NON_SYNC = 0x01010000 };
    /* tfhd: default-base-is-moof; trun: data offset, then per sample duration, size, and flags for video. */
    enum { TFHD = 0x020000, TRUN_AUDIO = 0x000301, TRUN_VIDEO = 0x000701 };
    uint64_t bytes = 0;
    size_t moof = box_open(b, "moof");
    size_t at = box_open_full(b, "mfhd", 0, 0);
    box_u32(b, seq);
    box_close(b, at);
    size_t traf = box_open(b, "traf");
    at = box_open_full(b, "tfhd", 0, TFHD);
    box_u32(b, 1);
    box_close(b, at);
    at = box_open_full(b, "tfdt", 1, 0);
    box_u64(b, tfdt);
    box_close(b, at);
    at = box_open_full(b, "trun", 0, kind == FMP4_VIDEO ? TRUN_VIDEO : TRUN_AUDIO);
    box_u32(b, (uint32_t)n);
    size_t offset = b->n;
    box_u32(b, 0);
    for (size_t i = 0; i < n; i++) {
        box_u32(b, v[i].dur);
        box_u32(b, v[i].size);
        if (kind == FMP4_VIDEO)
            box_u32(b, v[i].sync ? SYNC : NON_SYNC);
        bytes += v[i].size;
    }
    box_close(b, at);
    box_close(b, traf);
    box_close(b, moof);
    patch_u32(b, offset, (uint32_t)(b->n - moof + 8));
    box_u32(b, (uint32_t)(bytes + 8));
    put_type(b, "mdat");
}

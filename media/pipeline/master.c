#include "media/pipeline/master.h"

enum { GUESS_BPS = 3000000 };

/* Before the first picture: what browsers send (RFC 7742 6.2: constrained baseline), at the size of the
 * slate. */
void master_init(struct master *m) {
    *m = (struct master){.profile = 0x42,
                         .compat = 0xe0,
                         .level = 0x1f,
                         .width = 1280,
                         .height = 720,
                         .bandwidth_bps = GUESS_BPS};
}
bool master_see(struct master *m, struct bytes config, uint16_t width, uint16_t height) {
    struct master was = *m;
    if (config.n >= 4) {
        if (config.p[1] > m->profile) {
            m->profile = config.p[1];
            m->compat = config.p[2];
        }
        if (config.p[3] > m->level)
            m->level = config.p[3];
    }
    if ((uint32_t)width * height > (uint32_t)m->width * m->height) {
        m->width = width;
        m->height = height;
    }
    return was.profile != m->profile || was.level != m->level || was.width != m->width ||
           was.height != m->height;
}
void master_write(struct buf *b, const struct master *m) {
    buf_printf(
        b,
        "#EXTM3U\n#EXT-X-VERSION:7\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\","
        "URI=\"audio.m3u8\"\n"
        "#EXT-X-STREAM-INF:BANDWIDTH=%lld,CODECS=\"avc1.%02x%02x%02x,mp4a.40.2\",RESOLUTION=%ux%u,"
        "AUDIO=\"audio\"\nprogram.m3u8\n",
        (long long)m->bandwidth_bps, m->profile, m->compat, m->level, m->width, m->height);
}

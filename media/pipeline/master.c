#include "media/pipeline/master.h"
#include "media/pipeline/tonguename.h"

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
bool master_speak(struct master *m, const char *lang) {
    unsigned i = m->langs_n;
    for (unsigned k = 0; k < m->langs_n; k++)
        if (!strcmp(m->langs[k], lang))
            return false;
    if (i == TONGUES_MAX)
        return false;
    for (; i && strcmp(m->langs[i - 1], lang) > 0; i--)
        memcpy(m->langs[i], m->langs[i - 1], sizeof m->langs[i]);
    m->langs_n++;
    return STR_COPY(m->langs[i], str_of(lang));
}
/* A player that chooses by itself takes the floor: whoever wants an interpreter says so. */
static void put_langs(struct buf *b, const struct master *m) {
    for (unsigned i = 0; i < m->langs_n; i++)
        buf_printf(b,
                   "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"%s\",LANGUAGE=\"%s\",DEFAULT=NO,"
                   "AUTOSELECT=NO,CHANNELS=\"2\",URI=\"audio-%s.m3u8\"\n",
                   tongue_name(m->langs[i]), m->langs[i], m->langs[i]);
}
void master_write(struct buf *b, const struct master *m) {
    buf_z(
        b,
        "#EXTM3U\n#EXT-X-VERSION:7\n"
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"floor\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\","
        "URI=\"audio.m3u8\"\n");
    put_langs(b, m);
    buf_printf(b,
               "#EXT-X-STREAM-INF:BANDWIDTH=%lld,CODECS=\"avc1.%02x%02x%02x,mp4a.40.2\",RESOLUTION=%ux%u,"
               "AUDIO=\"audio\"\nprogram.m3u8\n",
               (long long)m->bandwidth_bps, m->profile, m->compat, m->level, m->width, m->height);
}

#include "media/pipeline/tongue.h"
#include "media/base/log.h"
#include "media/base/mem.h"

enum { FIRST_SLOT = 3 /* the room's three renditions are before */, RETRY_FRAMES = 2 * MIXER_HZ / AAC_FRAME };

struct tongue *tongue_open(const struct frag_cfg *floor, const char *lang, unsigned no, int64_t base,
                           bool listed) {
    struct tongue *t = mem_zalloc(sizeof *t);
    struct frag_cfg cfg = *floor;
    STR_COPY(t->lang, str_of(lang));
    playlist_lang_file(t->list, t->lang);
    t->slot = cfg.slot = FIRST_SLOT + no;
    t->listed = listed;
    t->base = base;
    t->busy = -1;
    cfg.list = NULL;
    cfg.also = NULL;
    frag_init(&t->frag, &cfg);
    duck_init(&t->duck);
    return t;
}
void tongue_close(struct tongue *t) {
    if (!t)
        return;
    aac_close(&t->aac);
    mixer_close(&t->mixer);
    frag_fini(&t->frag);
    mem_free(t);
}
static int64_t sample_of(const struct tongue *t, int64_t frame) { return t->base + frame * AAC_FRAME; }

void tongue_put(struct tongue *t, struct mixer_in *in, int64_t at, const int16_t *pcm, size_t n) {
    if (!t->mixer.ring) /* he is heard for the first time: nothing before this is asked of it */
        mixer_open(&t->mixer, at - MIXER_HZ);
    mixer_put(&t->mixer, in, at, pcm, n);
    duck_voice(&t->duck, in->next - (int64_t)n, (int64_t)n);
}
void tongue_air(struct tongue *t, uint32_t track) {
    if (t->track && !track)
        duck_off(&t->duck);
    t->track = track;
}
bool tongue_wakes(const struct tongue *t, int64_t frame, bool young) {
    if (t->live || !t->mixer.ring || frame < t->retry)
        return false;
    int64_t next = duck_next(&t->duck, sample_of(t, frame));
    return next < (young ? sample_of(t, frame + 2) : INT64_MAX);
}
static void on_packet(void *arg, struct bytes packet) {
    struct tongue *t = arg;
    int64_t frame = t->given++;
    if (packet.n > AAC_PACKET_MAX)
        return;
    t->packets[frame % TONGUE_PACKETS].frame = frame;
    t->packets[frame % TONGUE_PACKETS].n = packet.n;
    memcpy(t->packets[frame % TONGUE_PACKETS].data, packet.p, packet.n);
}
void tongue_wake(struct tongue *t, int64_t frame, const int16_t *before) {
    t->given = frame;
    if (aac_open(&t->aac, on_packet, t, before)) {
        t->retry = frame + RETRY_FRAMES;
        return;
    }
    for (size_t i = 0; i < TONGUE_PACKETS; i++)
        t->packets[i].frame = -1;
    t->live = true;
    t->from = frame;
    t->busy = frame;
}
void tongue_hear(struct tongue *t, int64_t frame, const int16_t *floor) {
    int16_t voice[AAC_FRAME * 2] = {0}, pcm[AAC_FRAME * 2];
    int64_t at = sample_of(t, frame);
    if (!t->mixer.ring)
        return;
    if (t->mixer.head < at)
        mixer_skip(&t->mixer, at);
    if (t->mixer.head == at)
        mixer_take(&t->mixer, voice, AAC_FRAME);
    if (duck_mix(&t->duck, at, floor, voice, pcm, AAC_FRAME))
        t->busy = frame;
    if (t->live && t->aac.element && aac_push(&t->aac, pcm))
        LOG_WARN("the encoder of a channel failed lang=%s", t->lang);
}
static const void *own_packet(const struct tongue *t, int64_t frame, size_t *n) {
    *n = t->packets[frame % TONGUE_PACKETS].n;
    return t->packets[frame % TONGUE_PACKETS].frame == frame ? t->packets[frame % TONGUE_PACKETS].data : NULL;
}
void tongue_sample(struct tongue *t, const struct frag *floor, int64_t frame, struct bytes packet) {
    uint64_t at = (uint64_t)sample_of(t, frame);
    if (!t->live || frame < t->from)
        return;
    if (!t->frag.segment_open &&
        floor->segment_at == at) { /* its segments are the floor's, each as a whole */
        struct playlist_name name = floor->name;
        STR_COPY(name.lang, str_of(t->lang));
        name.n--;
        frag_resume(&t->frag, &name, FMP4_AUDIO, at);
    } else if (!t->frag.segment_open) {
        return;
    }
    size_t n;
    const void *own = own_packet(t, frame, &n);
    t->borrowed += !own;
    frag_sample(&t->frag, AAC_FRAME, true, own ? (struct bytes){own, n} : packet);
}
/* Nobody was heard in all of the segment, so the next one is the floor's again; without an encoder, too: the
 * next one has a chance then. */
static void rest(struct tongue *t, int64_t began) {
    if (t->aac.element && t->busy >= began)
        return;
    aac_close(&t->aac);
    t->live = false;
}
void tongue_list(struct tongue *t, struct str before, struct str line) {
    bool own = t->frag.segment_open;
    int64_t began = ((int64_t)t->frag.segment_at - t->base) / AAC_FRAME;
    struct buf b;
    char uri[PLAYLIST_URI_MAX];
    buf_init(&b, before.n + line.n + 1024);
    if (!t->listed)
        buf_str(&b, before);
    frag_cut(&t->frag);
    if (own) {
        playlist_name(uri, &t->frag.name);
        line.n -= line.n ? 1 : 0; /* the last line is the floor's file */
        while (line.n && line.p[line.n - 1] != '\n')
            line.n--;
        buf_str(&b, line);
        buf_printf(&b, "%s\n", uri);
    } else {
        buf_str(&b, line);
    }
    if (t->listed || own)
        disk_list(t->frag.cfg.disk, t->slot, t->list, &b);
    else
        buf_fini(&b);
    t->listed = t->listed || own;
    if (own)
        rest(t, began);
}

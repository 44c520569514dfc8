/* Frames as they come on fd 3, into a camera: reordering, timestamps, reports and depayloading together. */
#include <stdlib.h>
#include "media/pipeline/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_picture(void *arg, struct source *s, int64_t at_us, const struct picture *p) {
    (void)arg, (void)s, (void)at_us;
    if (!p->data.n)
        abort();
}
static void on_pcm(void *arg, struct source *s, int64_t at_us, const int16_t *pcm, size_t n) {
    (void)arg, (void)s, (void)at_us, (void)pcm, (void)n;
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct source_ops ops = {.on_picture = on_picture, .on_pcm = on_pcm};
    struct tsmap_member member = {0};
    struct rd r = rd_init(data, size);
    struct source *s;
    struct frame f = {
        .media = FRAME_VIDEO, .codec = FRAME_H264, .track = 1, .clock_hz = 90000, .arrival_us = 1000000};
    if (source_open(&s, 1, SOURCE_CAMERA, FRAME_H264, &ops))
        abort();
    s->member = &member;
    while (rd_left(&r) > 3) {
        uint8_t head = rd_u8(&r), n = rd_u8(&r);
        f.kind = head & 1 ? FRAME_SR : FRAME_RTP;
        f.arrival_us += (int64_t)(head >> 1) * 5000;
        f.payload = rd_bytes(&r, n < rd_left(&r) ? n : rd_left(&r));
        source_put(s, &f);
        source_tick(s, f.arrival_us);
        source_ask(s, head & 2, f.arrival_us);
    }
    source_tick(s, INT64_MAX / 2);
    source_close(s);
    return 0;
}

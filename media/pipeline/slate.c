#include "media/pipeline/slate.h"
#include <stdio.h>
#include "media/base/mem.h"
#include "media/pipeline/element.h"

enum { LUMA = 30, CHROMA = 128 };

void slate_init(struct slate *s) {
    *s = (struct slate){0};
    depay_init(&s->maker, DEPAY_H264);
}
void slate_fini(struct slate *s) { depay_fini(&s->maker); }

static void on_encoded(void *arg, const struct element_out *out) {
    struct slate *s = arg;
    s->ready = s->ready || depay_annexb(&s->maker, out->data, &s->picture);
}
const struct picture *slate_picture(struct slate *s, uint16_t width, uint16_t height) {
    if (!width || !height || width % 2 || height % 2) {
        width = SLATE_WIDTH;
        height = SLATE_HEIGHT;
    }
    if (s->ready && s->picture.width == width && s->picture.height == height)
        return &s->picture;
    char caps[128];
    struct element *e;
    static const char chain[] =
        "x264enc tune=zerolatency speed-preset=veryfast pass=quant quantizer=26 key-int-max=1 threads=1 ! "
        "capsfilter caps=video/x-h264,stream-format=byte-stream,profile=constrained-baseline";
    snprintf(caps, sizeof caps, "video/x-raw,format=I420,width=%u,height=%u,framerate=1/1", width, height);
    s->ready = false;
    if (element_open(&e, chain, caps, on_encoded, s))
        return NULL;
    /* GStreamer's I420 rows are padded to 4 bytes, planes to even heights. */
    size_t stride = (width + 3u) / 4 * 4, luma = stride * height;
    size_t chroma = (width / 2 + 3u) / 4 * 4 * (height / 2) * 2;
    uint8_t *raw = mem_zalloc(luma + chroma);
    memset(raw, LUMA, luma);
    memset(raw + luma, CHROMA, chroma);
    element_push(e, (struct bytes){raw, luma + chroma}, 0, true);
    if (!s->ready)
        element_drain(e);
    mem_free(raw);
    element_close(e);
    return s->ready ? &s->picture : NULL;
}

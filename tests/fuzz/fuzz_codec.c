/* First byte: codec. The rest: a payload. VP8 descriptors are patched and read back; H.264 sizes stay in
 * bounds. */
#include "media/base/mem.h"
#include "media/rtc/codec.h"
#include "media/rtc/codec_h264.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok) {
    if (!ok)
        abort();
}

static void vp8(struct bytes payload) {
    struct codec_vp8 v, again;
    if (codec_vp8_parse(&v, payload))
        return;
    check(v.head_bytes && v.head_bytes < payload.n);
    uint8_t *copy = mem_zalloc(payload.n);
    memcpy(copy, payload.p, payload.n);
    check(!codec_vp8_patch(copy, payload.n, &v, 0x2a55, 0x77));
    check(!codec_vp8_parse(&again, (struct bytes){copy, payload.n}));
    check(again.pid_bits == v.pid_bits && again.has_tl0 == v.has_tl0 && again.head_bytes == v.head_bytes);
    check(!v.pid_bits || again.pid == (v.pid_bits == 15 ? 0x2a55 : 0x55));
    check(again.keyframe == v.keyframe && again.start == v.start && again.tid == v.tid);
    check(!codec_vp8_patch(copy, payload.n, &v, v.pid, v.tl0) && !memcmp(copy, payload.p, payload.n));
    mem_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct codec_info info;
    uint16_t w, h;
    if (!size)
        return 0;
    struct bytes payload = {data + 1, size - 1};
    enum codec c = (enum codec)(data[0] & 3);
    if (codec_look(c, payload, &info))
        check(!info.keyframe && !info.idr && !info.width && !info.height);
    check(info.keyframe || (!info.width && !info.height));
    vp8(payload);
    if (codec_h264_sps(payload, &w, &h))
        check(!w && !h);
    else
        check(w && h && w <= CODEC_H264_SIDE_MAX && h <= CODEC_H264_SIDE_MAX);
    return 0;
}

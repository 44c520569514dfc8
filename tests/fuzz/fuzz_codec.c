/* First byte: codec. The rest: a payload. VP8 and VP9 descriptors are patched and read back; H.264 sizes and
 * AV1 elements stay in bounds. */
#include "media/base/mem.h"
#include "media/rtc/codec.h"
#include "media/base/av1.h"
#include "media/rtc/codec_h264.h"
#include "media/rtc/codec_vp8.h"
#include "media/rtc/codec_vp9.h"
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
    check(!codec_ids_patch(copy, payload.n, &v.ids, 0x2a55, 0x77));
    check(!codec_vp8_parse(&again, (struct bytes){copy, payload.n}));
    check(again.ids.pid_bits == v.ids.pid_bits && again.ids.has_tl0 == v.ids.has_tl0 &&
          again.head_bytes == v.head_bytes);
    check(!v.ids.pid_bits || again.ids.pid == (v.ids.pid_bits == 15 ? 0x2a55 : 0x55));
    check(again.keyframe == v.keyframe && again.start == v.start && again.tid == v.tid);
    check(!codec_ids_patch(copy, payload.n, &v.ids, v.ids.pid, v.ids.tl0) &&
          !memcmp(copy, payload.p, payload.n));
    mem_free(copy);
}

static void vp9(struct bytes payload) {
    struct codec_vp9 v, again;
    struct codec_layer at;
    if (codec_vp9_parse(&v, payload))
        return;
    check(v.head_bytes && v.head_bytes < payload.n && v.ids.bytes <= v.head_bytes);
    check(v.sid < CODEC_VP9_SIDS_MAX && v.sids <= CODEC_VP9_SIDS_MAX && v.refs <= CODEC_VP9_REFS_MAX);
    codec_vp9_layer(&v, &at);
    check(at.sids <= CODEC_SIDS && !(at.in >> 12) && !(at.sw & ~at.in));
    uint8_t *copy = mem_zalloc(payload.n);
    memcpy(copy, payload.p, payload.n);
    check(!codec_ids_patch(copy, payload.n, &v.ids, 0x2a55, 0x77));
    check(!codec_vp9_parse(&again, (struct bytes){copy, payload.n}));
    check(again.ids.pid_bits == v.ids.pid_bits && again.head_bytes == v.head_bytes && again.sid == v.sid);
    check(!v.ids.pid_bits || again.ids.pid == (v.ids.pid_bits == 15 ? 0x2a55 : 0x55));
    check(!codec_ids_patch(copy, payload.n, &v.ids, v.ids.pid, v.ids.tl0) &&
          !memcmp(copy, payload.p, payload.n));
    mem_free(copy);
}

static void av1(struct bytes payload) {
    struct av1_payload a;
    size_t sum = 0;
    if (av1_payload_parse(&a, payload))
        return;
    check(a.n && a.n <= AV1_ELEMENTS_MAX);
    for (unsigned i = 0; i < a.n; i++) {
        const struct bytes *e = &a.element[i];
        check(e->p >= payload.p && e->p + e->n <= payload.p + payload.n);
        sum += e->n;
    }
    check(sum < payload.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct codec_info info;
    uint16_t w, h;
    if (!size)
        return 0;
    struct bytes payload = {data + 1, size - 1};
    enum codec c = (enum codec)(data[0] % (CODEC_AV1 + 1));
    if (codec_look(c, payload, &info))
        check(!info.keyframe && !info.idr && !info.width && !info.height);
    check(info.keyframe || (!info.width && !info.height));
    vp8(payload);
    vp9(payload);
    av1(payload);
    if (codec_h264_sps(payload, &w, &h))
        check(!w && !h);
    else
        check(w && h && w <= CODEC_H264_SIDE_MAX && h <= CODEC_H264_SIDE_MAX);
    return 0;
}

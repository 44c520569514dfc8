/* Any text as an offer, answered both ways: bounded, no crash, and an answer our own parser takes. */
#include <stdlib.h>

#include "media/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sdp_offer offer, again;
static struct sdp_negotiated agreed;

static void answer(enum sdp_side side) {
    static const struct sdp_ssrc audio[] = {{1, 0}, {2, 0}}, video[] = {{3, 4}, {5, 6}};
    struct addr addr = {.ip = {[10] = 0xff, [11] = 0xff, 192, 0, 2, 1}, .port = 7880};
    char err[SDP_ERR_MAX];
    struct sdp_local l = {.side = side,
                          .ufrag = "abcdefgh",
                          .pwd = "0123456789012345678901",
                          .cname = "room",
                          .fingerprint = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
                                         "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
                          .addrs = &addr,
                          .addr_count = 1,
                          .twcc = side == SDP_PUBLISH,
                          .audio_count = 2,
                          .video_count = 2,
                          .audio = audio,
                          .video = video};
    struct buf b;
    buf_init(&b, 2 * SDP_MAX_BYTES);
    if (sdp_answer(&b, &offer, &l, &agreed, err) == 0) {
        if (!agreed.accepted || agreed.line_count != offer.media_count)
            abort();
        if (b.n <= SDP_MAX_BYTES &&
            (sdp_parse(&again, buf_view(&b), err) || again.media_count != offer.media_count))
            abort();
    } else if (!err[0]) {
        abort(); /* refused without a word */
    }
    buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char err[SDP_ERR_MAX];
    if (sdp_parse(&offer, (struct str){(const char *)data, size}, err)) {
        if (!err[0])
            abort();
        return 0;
    }
    if (offer.media_count > SDP_MEDIA_MAX)
        abort();
    answer(SDP_PUBLISH);
    answer(SDP_VIEW);
    return 0;
}

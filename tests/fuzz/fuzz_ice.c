/* An ICE agent and a peer that knows the password but may say anything: the first byte of each step chooses
 * what it does. The set of proven addresses stays bounded and consistent with what the agent told its owner.
 */
#include <stdlib.h>

#include "media/base/rd.h"
#include "media/rtc/ice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct model {
    struct addr_path mapped[ICE_ADDRS_MAX + 1]; /* what the owner's table would hold */
    unsigned n;
};

static void follow(struct model *t, const struct ice_out *out, const struct addr_path *path) {
    if (out->did & ICE_DID_EVICT) {
        unsigned i = 0;
        while (i < t->n && !addr_same_end(&t->mapped[i], &out->evicted))
            i++;
        if (i == t->n)
            abort(); /* evicted what was never proven */
        t->mapped[i] = t->mapped[--t->n];
    }
    if (out->did & ICE_DID_PROVE)
        t->mapped[t->n++] = *path;
    if (t->n > ICE_ADDRS_MAX)
        abort();
}

static void forget(struct model *t, struct ice *ice, const struct addr_path *path) {
    for (unsigned i = 0; i < t->n; i++)
        if (addr_same_end(&t->mapped[i], path))
            t->mapped[i--] = t->mapped[--t->n];
    ice_forget(ice, path);
    if (ice_is_proven(ice, path))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct rd r = rd_init(data, size);
    struct ice_creds creds = {.ufrag = "abcd", .pwd = "0123456789012345678901"};
    struct ice_creds next = {.ufrag = "wxyz", .pwd = "9876543210987654321098"};
    struct ice ice;
    struct model t = {.n = 0};
    ice_init(&ice, &creds, 0);
    for (int64_t now = 1; rd_left(&r) >= 3; now++) {
        uint8_t what = rd_u8(&r), who = rd_u8(&r), flags = rd_u8(&r);
        struct addr_path path = {
            .remote = {.ip = {[10] = 0xff, [11] = 0xff, [15] = who}, .port = (uint16_t)(who % 7)},
            .stream = who % 5 ? 0 : who + 1u};
        bool fresh = what & 1;
        struct stun m = {.method = STUN_BINDING,
                         .username = fresh ? STR("wxyz:a") : STR("abcd:a"),
                         .priority = what,
                         .has =
                             STUN_HAS_USERNAME | (flags & (STUN_HAS_USE_CANDIDATE | STUN_HAS_CONTROLLING))};
        uint8_t wire[STUN_REPLY_MAX];
        struct stun in;
        struct ice_out out;
        if (what % 16 == 15)
            ice_restart(&ice, &next);
        if (what % 16 == 14 && path.stream)
            forget(&t, &ice, &path);
        int n = stun_write(&m, fresh ? STR("9876543210987654321098") : STR("0123456789012345678901"), wire,
                           sizeof wire);
        if (n < 0 || stun_parse(&in, (struct bytes){wire, (size_t)n}))
            abort();
        if (ice_on_stun(&ice, &in, &path, now, &out) == 0) {
            follow(&t, &out, &path);
            if (!ice_is_proven(&ice, &path) || !(out.did & ICE_DID_REPLY))
                abort();
        }
    }
    for (unsigned i = 0; i < t.n; i++)
        if (!ice_is_proven(&ice, &t.mapped[i]))
            abort();
    if (ice_selected(&ice) && !ice_is_proven(&ice, ice_selected(&ice)))
        abort();
    return 0;
}

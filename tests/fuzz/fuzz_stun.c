/* Any datagram as STUN: what parses must come back the same after being written, and an ICE agent must let
 * none of it in, for none of it knows the password. */
#include <stdlib.h>

#include "media/rtc/demux.h"
#include "media/rtc/ice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_after_writing(const struct stun *m) {
    uint8_t wire[STUN_MAX];
    struct stun again;
    if ((m->has & STUN_HAS_CONTROLLING && m->has & STUN_HAS_CONTROLLED) ||
        m->unknown_count == STUN_UNKNOWN_MAX)
        return; /* our writer says one role, and all the unknown it knows */
    struct stun copy = *m;
    copy.has &= ~(unsigned)STUN_HAS_UNKNOWN;
    int n = stun_write(&copy, (struct str){0}, wire, sizeof wire);
    if (n < 0)
        return; /* longer with a FINGERPRINT than a message may be */
    if (stun_parse(&again, (struct bytes){wire, (size_t)n}))
        abort();
    if (again.cls != m->cls || again.method != m->method || again.priority != m->priority ||
        again.tie_breaker != m->tie_breaker || again.error != m->error || again.username.n != m->username.n ||
        !addr_eq(&again.mapped, &m->mapped))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct stun m;
    struct bytes in = {data, size};
    demux_kind(in);
    if (stun_parse(&m, in))
        return 0;
    same_after_writing(&m);
    struct ice_creds creds = {.ufrag = "abcd", .pwd = "0123456789012345678901"};
    struct addr_path path = {0};
    struct ice ice;
    struct ice_out out;
    struct str ufrag;
    ice_init(&ice, &creds, 0);
    ice_ufrag_of(&m, &ufrag);
    if (ice_on_stun(&ice, &m, &path, 1, &out) == 0 || ice_selected(&ice))
        abort();
    return 0;
}

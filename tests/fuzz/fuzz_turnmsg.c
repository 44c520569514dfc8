/* Any bytes as the answer of a relay: what is read from them lies within them. */
#include <stdlib.h>

#include "server/signaling/turnmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool within(struct str s, const uint8_t *data, size_t size) {
    return !s.n || ((const uint8_t *)s.p >= data && (const uint8_t *)s.p + s.n <= data + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct turnmsg_ask a = {.method = TURNMSG_ALLOCATE, .tid = "0123456789a"};
    struct turnmsg_reply reply;
    uint8_t again[TURNMSG_MAX];
    if (turnmsg_parse(&reply, (struct bytes){data, size}, &a))
        return 0;
    if (!within(reply.realm, data, size) || !within(reply.nonce, data, size) || reply.error > 799)
        abort();
    a.user = STR("u");
    a.password = STR("p");
    a.realm = reply.realm;
    a.nonce = reply.nonce;
    int n = turnmsg_write(&a, again, sizeof again); /* what a relay says goes back to it */
    if (n > TURNMSG_MAX)
        abort();
    return 0;
}

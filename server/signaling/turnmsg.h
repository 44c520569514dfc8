/* turnmsg — the two TURN requests of the self-check (RFC 8656 6, 7): asking a relay for an address with a
 * long-term credential (RFC 8489 9.2), and giving it back. Pure, no allocation. Thread: any. Limits:
 * TURNMSG_MAX bytes. Not for the packet path. */
#ifndef TURNMSG_H
#define TURNMSG_H
#include "media/net/addr.h"

enum { TURNMSG_MAX = 1280, TURNMSG_TID = 12, TURNMSG_ALLOCATE = 3, TURNMSG_REFRESH = 4 };

struct turnmsg_ask {
    uint16_t method;
    uint8_t tid[TURNMSG_TID];
    struct str user, password, realm,
        nonce; /* user "": the first try, which a relay refuses with realm and nonce */
};
struct turnmsg_reply {
    bool success;
    unsigned error;          /* RFC 8489 14.8: 300–699 */
    struct str realm, nonce; /* views into the message */
    bool has_relayed;
    struct addr relayed;
};

/* Refresh asks for the lifetime 0. Length, or -ERR_TOO_LARGE. */
int turnmsg_write(const struct turnmsg_ask *a, uint8_t *dst, size_t cap);
/* A response to `a`. -ERR_SHORT, -ERR_INVALID (not a response to it, or a broken one). Its integrity is not
 * verified: it decides nothing but a sentence. */
int turnmsg_parse(struct turnmsg_reply *out, struct bytes msg, const struct turnmsg_ask *a);

#endif

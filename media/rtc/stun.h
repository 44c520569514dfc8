/* stun — STUN messages (RFC 8489) as ICE uses them (RFC 8445): bytes to a plain struct of views, and back.
 * Pure, total, no allocation. Thread: any. Limits: STUN_MAX bytes, STUN_UNKNOWN_MAX unknown attributes
 * remembered. */
#ifndef STUN_H
#define STUN_H
#include "media/net/addr.h"

enum {
    STUN_MAX = 1280,
    STUN_UNKNOWN_MAX = 8,
    STUN_USERNAME_MAX = 513, /* RFC 8839 5.4 and RFC 8445 7.2.2: two ufrags of at most 256 and ":" */
    STUN_REPLY_MAX = 256,    /* what a response of ours fits in */
    STUN_TID_BYTES = 12,
};
enum stun_class { STUN_REQUEST, STUN_INDICATION, STUN_SUCCESS, STUN_ERROR };
enum { STUN_BINDING = 1 }; /* method */
enum stun_has {
    STUN_HAS_USERNAME = 1 << 0,
    STUN_HAS_PRIORITY = 1 << 1,
    STUN_HAS_USE_CANDIDATE = 1 << 2,
    STUN_HAS_CONTROLLING = 1 << 3,
    STUN_HAS_CONTROLLED = 1 << 4,
    STUN_HAS_MAPPED = 1 << 5, /* XOR-MAPPED-ADDRESS */
    STUN_HAS_ERROR = 1 << 6,
    STUN_HAS_FINGERPRINT = 1 << 7, /* present and right */
    STUN_HAS_INTEGRITY = 1 << 8,   /* present; right or not is stun_verify's answer */
    STUN_HAS_UNKNOWN = 1 << 9,     /* comprehension-required attributes not known here: unknown[] */
    STUN_HAS_SOFTWARE = 1 << 10,
};

struct stun {
    enum stun_class cls;
    uint16_t method;
    uint8_t tid[STUN_TID_BYTES];
    unsigned has; /* enum stun_has */
    struct str username, software;
    uint32_t priority;
    uint64_t tie_breaker;
    struct addr mapped;
    uint16_t error;
    struct str reason;
    uint16_t unknown[STUN_UNKNOWN_MAX];
    unsigned unknown_count;
    struct bytes raw;    /* the message parsed (view) */
    size_t integrity_at; /* offset of MESSAGE-INTEGRITY in raw */
};

/* -ERR_SHORT, -ERR_INVALID (also a wrong FINGERPRINT). Attributes after MESSAGE-INTEGRITY, other than
 * FINGERPRINT, are ignored as RFC 8489 14.5 demands. Views point into msg. */
int stun_parse(struct stun *out, struct bytes msg);
/* Short-term credential (RFC 8489 9.1): the key is the password. 0, or -ERR_FORGED when wrong or absent. */
int stun_verify(const struct stun *m, struct str pwd);
/* Writes what `has` names (INTEGRITY when pwd is not empty, FINGERPRINT always). Length, or -ERR_TOO_LARGE.
 */
int stun_write(const struct stun *m, struct str pwd, uint8_t *dst, size_t cap);

#endif

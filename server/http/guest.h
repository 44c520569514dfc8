/* guest — the cookie that makes a guest of one event the same guest when he returns: his member id, signed
 * with the server's key for that event. It is an identity, not a ticket: what he may is asked of the room's
 * log. Pure but for randomness in guest_make. */
#ifndef GUEST_H
#define GUEST_H
#include "media/base/str.h"

enum { GUEST_MEMBER_MAX = 32, GUEST_RANDOM_CHARS = 16, GUEST_COOKIE_MAX = 128, GUEST_LIFE_S = 7 * 24 * 3600 };
#define GUEST_COOKIE_PREFIX "somhub_guest_"

void guest_make(char member[GUEST_MEMBER_MAX + 1]); /* "g" and random letters */
void guest_sign(char dst[GUEST_COOKIE_MAX + 1], const char *member, const char *event, int64_t exp_s,
                struct bytes key);
/* The member id of an authentic, unexpired cookie value for this event; -ERR_AUTH. */
int guest_verify(char member[GUEST_MEMBER_MAX + 1], struct str value, const char *event, struct bytes key,
                 int64_t now_ms);

#endif

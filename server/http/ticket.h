/* ticket — the signed slip that lets a person into one room (a JWT, RFC 7519, HS256 only), minted over HTTP
 * or on the command line and checked by signalling without a look into the database. Hides the claims' JSON,
 * base64url and the MAC. Pure but for the caller's key. Thread: any. Limits: TICKET_MAX bytes of text. */
#ifndef TICKET_H
#define TICKET_H
#include "media/base/str.h"

enum {
    TICKET_MAX = 1024,     /* of the text, without NUL */
    TICKET_KEY_BYTES = 32, /* crypto_auth_hmacsha256_KEYBYTES */
    TICKET_ID_MAX = 32,    /* of sub and room: letters, digits, '-', '_' */
    TICKET_NAME_MAX = 160, /* of name: UTF-8 without control characters */
    TICKET_LANGS_MAX = 40
};

struct ticket {
    char sub[TICKET_ID_MAX + 1];      /* member: u<account>, g<random>: a guest, t<random>: the CLI */
    char room[TICKET_ID_MAX + 1];     /* the event's id */
    char name[TICKET_NAME_MAX + 1];   /* as others see it */
    char role[12];                    /* host, cohost, speaker or attendee */
    char langs[TICKET_LANGS_MAX + 1]; /* named to interpret into these, one a line; "" = not */
    int64_t user;                     /* account id, 0 for none */
    int64_t iat_s, exp_s;             /* Unix seconds, as NumericDate wants */
};

/* NUL-terminated text into dst. -ERR_INVALID for claims that would not verify, -ERR_TOO_LARGE when it does
 * not fit. */
int ticket_mint(char dst[TICKET_MAX + 1], const struct ticket *t, struct bytes key);
/* -ERR_AUTH for anything malformed, foreign or forged (in time that depends on its length only until the MAC
 * is good), -ERR_EXPIRED for an authentic one whose time is over. *out is written on success only. */
int ticket_verify(struct ticket *out, struct str jwt, struct bytes key, int64_t now_ms);
bool ticket_role_ok(struct str role);

#endif

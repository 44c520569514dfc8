/* turn — the relay (coturn) that browsers are told of, for networks that let nothing through to our own
 * ports: its addresses, and credentials that end by themselves (coturn's "use-auth-secret",
 * draft-uberti-behave-turn-rest-00): nobody has an account there. Pure. Thread: any. Limits: TURN_URLS_MAX
 * addresses. */
#ifndef TURN_H
#define TURN_H
#include "media/base/buf.h"

enum {
    TURN_URLS_MAX = 8,
    TURN_URL_MAX = 300, /* a host's name is at most 253 */
    TURN_LINK_MAX = 512,
    TURN_USER_MAX = 64,
    TURN_CREDENTIAL_MAX = 32,
    TURN_TTL_S = 12 * 3600, /* longer than any class; the draft's own advice is a day */
};

struct turn {
    const char *urls;   /* "turn:host:3478, turn:host:3478?transport=tcp, turns:host:5349"; "" = no relay */
    const char *secret; /* shared with the relay: its static-auth-secret */
};
struct turn_pass {
    char user[TURN_USER_MAX + 1], credential[TURN_CREDENTIAL_MAX + 1];
};
/* One address of the list in its parts. */
struct turn_url {
    struct str whole, host;
    uint16_t port; /* 3478, of turns: 5349 when it names none (RFC 7065 3.2) */
    bool tls, tcp;
};

/* 0, or -ERR_INVALID with a sentence that names the setting. */
int turn_check(const struct turn *t, char err[256]);
bool turn_next(struct str *urls,
               struct turn_url *out); /* takes the first address off the list; false: none is good */
/* The user name is "<when it ends>:<who>", the credential its HMAC-SHA1 under the secret (draft 2.2). */
void turn_pass(const struct turn *t, const char *who, int64_t now_ms, struct turn_pass *out);
/* Takes the first address off the list as the value of a Link header (RFC 9725 4.6); false: none is left. */
bool turn_link(struct str *urls, const struct turn_pass *pass, char dst[TURN_LINK_MAX]);
/* Appends RTCIceServer[] as JSON: "[]" without a relay. */
void turn_ice(const struct turn *t, const char *who, int64_t now_ms, struct buf *out);

#endif

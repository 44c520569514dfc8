/* ice — the ICE-lite agent of one peer (RFC 8445 §2.5): answers connectivity checks, remembers which remote
 * addresses proved they know the password, which one is nominated, and whether the peer still consents (RFC
 * 7675). It begins no checks of its own but one kind: whoever speaks from an address not proven is asked for
 * a proof at once (`ice_challenge`), for browsers check a path that works every few seconds only. Sans-IO.
 * Thread: owner's (a worker). Embedded value, no heap. Limits: ICE_ADDRS_MAX proven addresses, the stalest
 * gives way. Nothing changes before MESSAGE-INTEGRITY is verified. */
#ifndef ICE_H
#define ICE_H
#include "media/rtc/stun.h"

enum {
    ICE_LOCAL_UFRAG_MAX = 32,
    ICE_UFRAG_MAX = 256, /* RFC 8839 5.4: ice-ufrag = 4*256ice-char; ice-pwd = 22*256ice-char */
    ICE_UFRAG_MIN = 4,
    ICE_PWD_MIN = 22,
    ICE_LOCAL_PWD_MAX = 32,
    ICE_ADDRS_MAX = 6,
};
/* Past this the first nominations are over (checks go every 50 ms, RFC 8445 14.2): who shows up with a new
 * address now has moved. */
#define ICE_SETTLED_US INT64_C(3000000)
/* RFC 7675 5.1: consent checks are 5 s apart, "0.8 to 1.2" times: after this long without one, the selected
 * path is no longer the one in use. */
#define ICE_STALE_US INT64_C(7000000)
/* RFC 7675 5.1: "Consent expires after 30 seconds." The same patience is given to the first check. */
#define ICE_CONSENT_US INT64_C(30000000)

struct ice_creds {
    char ufrag[ICE_LOCAL_UFRAG_MAX + 1], pwd[ICE_LOCAL_PWD_MAX + 1]; /* ours */
    char remote_ufrag[ICE_UFRAG_MAX + 1];                            /* theirs; "" = any (not told) */
    char remote_pwd[ICE_UFRAG_MAX + 1]; /* theirs, for challenges; "" = not told, none is made */
};
struct ice_proven {
    struct addr_path path;
    int64_t seen_us; /* 0 = empty place */
    bool
        answered; /* a question sent there was answered: its owner is there, not only somebody who names it */
};
struct ice {
    struct ice_creds now, next; /* next: from a restart to its nomination. next.ufrag "" = none */
    struct ice_proven proven[ICE_ADDRS_MAX];
    int selected;                               /* index in proven, -1 none */
    int64_t opened_us, consent_us, selected_us; /* selected_us: since when */
    bool ever;                                  /* some check was verified */
    bool insists; /* it nominates again what is selected already: its nominations alone are followed */
};

enum ice_did {
    ICE_DID_REPLY = 1 << 0,    /* reply[0..reply_n) goes back along the path it came */
    ICE_DID_PROVE = 1 << 1,    /* a new remote address is proven: map it to this peer */
    ICE_DID_EVICT = 1 << 2,    /* `evicted` is proven no more: unmap it */
    ICE_DID_SELECT = 1 << 3,   /* the selected path changed (first nomination, or the peer moved) */
    ICE_DID_RESTARTED = 1 << 4 /* the credentials of ice_restart took over: the ufrag retired_ufrag is dead */
};
struct ice_out {
    unsigned did; /* enum ice_did */
    struct addr_path evicted;
    char retired_ufrag[ICE_LOCAL_UFRAG_MAX + 1];
    size_t reply_n;
    uint8_t reply[STUN_REPLY_MAX];
};

/* Fresh random ufrag and password. remote_ufrag stays as it was. */
void ice_creds_make(struct ice_creds *c);
void ice_init(struct ice *ice, const struct ice_creds *c, int64_t now_us);
/* The ufrag of ours a request is addressed to (USERNAME up to ":"): how the worker finds the peer. False:
 * none. */
bool ice_ufrag_of(const struct stun *m, struct str *ufrag);
/* A STUN message that came along `path`. 0: a verified check, acted upon. Otherwise nothing changed:
 * -ERR_FORGED bad or no integrity, -ERR_AUTH not our ufrag, -ERR_UNSUPPORTED (a 420 may be in reply),
 * -ERR_CONFLICT role conflict (487 in reply), -ERR_INVALID not a binding request. Look at out->did in every
 * case. */
int ice_on_stun(struct ice *ice, const struct stun *m, const struct addr_path *path, int64_t now_us,
                struct ice_out *out);
/* A Binding request of ours, to be sent to an address from which the peer seems to speak: its length, 0 when
 * it cannot be made. RFC 8445 asks no lite agent for it; a full one answers every request that is for it. */
size_t ice_challenge(const struct ice *ice, const uint8_t tid[STUN_TID_BYTES], uint8_t *dst, size_t cap);
/* The response to it, along the path it was sent on: the address is proven and selected, for the peer speaks
 * from there now. -ERR_FORGED, -ERR_INVALID: nothing changed. out->did as above, without a reply. */
int ice_on_answer(struct ice *ice, const struct stun *m, const struct addr_path *path, int64_t now_us,
                  struct ice_out *out);
/* What the peer sends comes along this path now and no longer along the selected one. True: it is proven, and
 * selected. */
bool ice_follow(struct ice *ice, const struct addr_path *path, int64_t now_us);
/* Begin an ICE restart (RFC 8445 §9): both sets are answered until the first nomination with the new ones,
 * for media goes on over the old path until then, and the browser asks after it. */
void ice_restart(struct ice *ice, const struct ice_creds *c);
/* Where to send; NULL before nomination. */
const struct addr_path *ice_selected(const struct ice *ice);
bool ice_is_proven(const struct ice *ice, const struct addr_path *path); /* its far end */
/* A check knows the password, but its sender's address may be anybody's: who is sent more than an answer must
 * have answered from there himself. Also what `ice_answers_at` was told. */
bool ice_answers(const struct ice *ice, const struct addr_path *path);
void ice_answers_at(struct ice *ice, const struct addr_path *path); /* known by other means; a proven one */
int64_t ice_seen_us(const struct ice *ice, const struct addr_path *path); /* its last check; 0 not proven */
/* The TCP connection of this path ended. True when it was the selected one: nothing can be sent for now. */
bool ice_forget(struct ice *ice, const struct addr_path *path);
/* Media from a proven address does not renew consent, only verified checks do. */
bool ice_consent_lost(const struct ice *ice, int64_t now_us);
int64_t ice_next_us(const struct ice *ice); /* when ice_consent_lost would become true */

#endif

#include "media/rtc/ice.h"

#include "media/base/err.h"
#include "media/base/rnd.h"
#include <stdio.h>

enum {
    CHALLENGE_PRIORITY = 110 << 24 | 65535 << 8 | 255
};                                      /* RFC 8445 5.1.2.1: peer-reflexive, component 1 */
enum { UFRAG_MADE = 8, PWD_MADE = 28 }; /* 5 bits a character; RFC 8445 5.3 asks at least 24 and 128 bits */

void ice_creds_make(struct ice_creds *c) {
    rnd_id(c->ufrag, UFRAG_MADE);
    rnd_id(c->pwd, PWD_MADE);
}

void ice_init(struct ice *ice, const struct ice_creds *c, int64_t now_us) {
    *ice = (struct ice){.now = *c, .selected = -1, .opened_us = now_us};
}

void ice_restart(struct ice *ice, const struct ice_creds *c) { ice->next = *c; }

const struct addr_path *ice_selected(const struct ice *ice) {
    return ice->selected < 0 ? NULL : &ice->proven[ice->selected].path;
}

static int find(const struct ice *ice, const struct addr_path *path) {
    for (int i = 0; i < ICE_ADDRS_MAX; i++)
        if (ice->proven[i].seen_us && addr_same_end(&ice->proven[i].path, path))
            return i;
    return -1;
}

bool ice_is_proven(const struct ice *ice, const struct addr_path *path) { return find(ice, path) >= 0; }

bool ice_answers(const struct ice *ice, const struct addr_path *path) {
    int at = find(ice, path);
    return at >= 0 && ice->proven[at].answered;
}

void ice_answers_at(struct ice *ice, const struct addr_path *path) {
    int at = find(ice, path);
    if (at >= 0)
        ice->proven[at].answered = true;
}

int64_t ice_seen_us(const struct ice *ice, const struct addr_path *path) {
    int at = find(ice, path);
    return at < 0 ? 0 : ice->proven[at].seen_us;
}

bool ice_forget(struct ice *ice, const struct addr_path *path) {
    int at = find(ice, path);
    if (at < 0)
        return false;
    ice->proven[at].seen_us = 0;
    if (at != ice->selected)
        return false;
    ice->selected = -1;
    return true;
}

int64_t ice_next_us(const struct ice *ice) {
    return (ice->ever ? ice->consent_us : ice->opened_us) + ICE_CONSENT_US;
}

bool ice_consent_lost(const struct ice *ice, int64_t now_us) { return now_us >= ice_next_us(ice); }

bool ice_ufrag_of(const struct stun *m, struct str *ufrag) {
    struct str rest = m->username;
    if (!(m->has & STUN_HAS_USERNAME) || !rest.n || !memchr(rest.p, ':', rest.n))
        return false;
    return str_until(&rest, ':', ufrag) && ufrag->n > 0;
}

/* RFC 8445 7.2.2: the USERNAME of a check is our ufrag, a colon, and the sender's. */
static bool addressed_to(const struct ice_creds *c, struct str username) {
    struct str ours;
    if (!c->ufrag[0] || !str_until(&username, ':', &ours) || !str_is(ours, c->ufrag))
        return false;
    return !c->remote_ufrag[0] || str_is(username, c->remote_ufrag);
}

/* Index of the place for this remote address; makes one, evicting the stalest that is not selected. */
static int prove(struct ice *ice, const struct addr_path *path, int64_t now_us, struct ice_out *out) {
    int at = find(ice, path);
    bool answered = at >= 0 && ice->proven[at].answered;
    if (at < 0) {
        int64_t oldest = INT64_MAX;
        for (int i = 0; i < ICE_ADDRS_MAX; i++)
            if (i != ice->selected && ice->proven[i].seen_us < oldest) {
                oldest = ice->proven[i].seen_us;
                at = i;
            }
        if (ice->proven[at].seen_us) {
            out->evicted = ice->proven[at].path;
            out->did |= ICE_DID_EVICT;
        }
        out->did |= ICE_DID_PROVE;
    }
    ice->proven[at] = (struct ice_proven){*path, now_us > 0 ? now_us : 1, answered};
    return at;
}

/* Whether a check without a nomination says that the peer is now elsewhere. Chromium and Safari nominate what
 * they use in every check; an agent that nominates once (RFC 8445 8.1.1) only checks the pair in use (RFC
 * 7675), and when its address changes on the way (a NAT forgets, a phone goes from Wi-Fi to mobile) its
 * checks come from a new one, or from an older one while the selected has fallen silent. */
static bool has_moved(const struct ice *ice, const struct addr_path *path, int64_t now_us) {
    if (ice->selected < 0 || ice->insists || now_us - ice->selected_us < ICE_SETTLED_US)
        return false;
    return find(ice, path) < 0 || now_us - ice->proven[ice->selected].seen_us >= ICE_STALE_US;
}

static void reply(const struct stun *req, struct stun *res, const struct ice_creds *c, struct ice_out *out) {
    res->method = req->method;
    memcpy(res->tid, req->tid, sizeof res->tid);
    int n = stun_write(res, str_of(c->pwd), out->reply, sizeof out->reply);
    if (n > 0) {
        out->reply_n = (size_t)n;
        out->did |= ICE_DID_REPLY;
    }
}

static int refuse(const struct stun *m, const struct ice_creds *c, struct ice_out *out) {
    struct stun res = {.cls = STUN_ERROR, .has = STUN_HAS_ERROR};
    if (m->has & STUN_HAS_UNKNOWN) { /* RFC 8489 6.3.1: 420 with UNKNOWN-ATTRIBUTES */
        res.error = 420;
        res.reason = STR("Unknown Attribute");
        res.has |= STUN_HAS_UNKNOWN;
        res.unknown_count = m->unknown_count;
        memcpy(res.unknown, m->unknown, sizeof res.unknown);
        reply(m, &res, c, out);
        return -ERR_UNSUPPORTED;
    }
    /* RFC 8445 7.3.1.1 lets the controlled agent give way when its tie-breaker is the larger; but 6.1.1 makes
     * a lite agent facing a full one always controlled, so the other side is the one to change its mind,
     * every time. */
    res.error = 487;
    res.reason = STR("Role Conflict");
    reply(m, &res, c, out);
    return -ERR_CONFLICT;
}

static void take_over(struct ice *ice, struct ice_out *out) {
    memcpy(out->retired_ufrag, ice->now.ufrag, sizeof out->retired_ufrag);
    out->did |= ICE_DID_RESTARTED;
    ice->now = ice->next;
    ice->insists = false;
    ice->next = (struct ice_creds){0};
}

int ice_on_stun(struct ice *ice, const struct stun *m, const struct addr_path *path, int64_t now_us,
                struct ice_out *out) {
    out->did = 0;
    out->reply_n = 0;
    if (m->cls != STUN_REQUEST || m->method != STUN_BINDING)
        return -ERR_INVALID;
    if (!(m->has & STUN_HAS_USERNAME))
        return -ERR_AUTH;
    bool fresh = addressed_to(&ice->next, m->username);
    if (!fresh && !addressed_to(&ice->now, m->username))
        return -ERR_AUTH;
    const struct ice_creds *c = fresh ? &ice->next : &ice->now;
    if (stun_verify(m, str_of(c->pwd)))
        return -ERR_FORGED;
    if (m->has & (STUN_HAS_UNKNOWN | STUN_HAS_CONTROLLED))
        return refuse(m, c, out);
    struct stun res = {.cls = STUN_SUCCESS, .has = STUN_HAS_MAPPED, .mapped = path->remote};
    reply(m, &res, c, out);
    bool nominates = m->has & STUN_HAS_USE_CANDIDATE;
    bool moved = !fresh && has_moved(ice, path, now_us); /* in a restart the nomination decides */
    if (fresh && nominates)
        take_over(ice, out);
    int at = prove(ice, path, now_us, out);
    if (at == ice->selected) {
        ice->insists |= nominates && now_us - ice->selected_us >= ICE_SETTLED_US;
    } else if (nominates || moved) {
        ice->selected = at;
        ice->selected_us = now_us;
        out->did |= ICE_DID_SELECT;
    }
    ice->ever = true;
    ice->consent_us = now_us;
    return 0;
}

bool ice_follow(struct ice *ice, const struct addr_path *path, int64_t now_us) {
    int at = find(ice, path);
    if (at < 0 || at == ice->selected)
        return false;
    ice->selected = at;
    ice->selected_us = now_us;
    return true;
}

size_t ice_challenge(const struct ice *ice, const uint8_t tid[STUN_TID_BYTES], uint8_t *dst, size_t cap) {
    const struct ice_creds *c = &ice->now;
    if (!c->remote_ufrag[0] || !c->remote_pwd[0])
        return 0;
    char username[STUN_USERNAME_MAX + 1]; /* RFC 8445 7.2.2: theirs, a colon, ours */
    int n = snprintf(username, sizeof username, "%s:%s", c->remote_ufrag, c->ufrag);
    struct stun m = {.cls = STUN_REQUEST,
                     .method = STUN_BINDING,
                     .has = STUN_HAS_USERNAME | STUN_HAS_PRIORITY | STUN_HAS_CONTROLLED,
                     .username = {username, (size_t)n},
                     .priority = CHALLENGE_PRIORITY};
    memcpy(m.tid, tid, sizeof m.tid);
    memcpy(&m.tie_breaker, tid, sizeof m.tie_breaker);
    n = stun_write(&m, str_of(c->remote_pwd), dst, cap);
    return n > 0 ? (size_t)n : 0;
}

int ice_on_answer(struct ice *ice, const struct stun *m, const struct addr_path *path, int64_t now_us,
                  struct ice_out *out) {
    out->did = 0;
    out->reply_n = 0;
    if (m->cls != STUN_SUCCESS || m->method != STUN_BINDING)
        return -ERR_INVALID;
    if (stun_verify(m, str_of(ice->now.remote_pwd)))
        return -ERR_FORGED;
    int at = prove(ice, path, now_us, out);
    ice->proven[at].answered = true;
    if (at != ice->selected) {
        ice->selected = at;
        ice->selected_us = now_us;
        out->did |= ICE_DID_SELECT;
    }
    ice->consent_us = now_us; /* RFC 7675 5.1: an authenticated response is consent */
    return 0;
}

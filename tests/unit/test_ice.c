/* The ICE-lite agent: who is let in, what is answered, where media goes, when consent ends, how a restart
 * goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "media/base/err.h"
#include "media/base/rnd.h"
#include "media/rtc/ice.h"

enum { SECOND = 1000000 };

struct rig {
    struct ice ice;
    struct ice_creds creds;
    struct ice_out out;
    uint8_t wire[STUN_REPLY_MAX];
};

static struct addr_path path_of(const char *ip, uint16_t port) {
    struct addr_path p = {0};
    assert_int_equal(addr_parse(&p.remote, str_of(ip), port), 0);
    assert_int_equal(addr_parse(&p.local, STR("192.0.2.1"), 7880), 0);
    return p;
}

static struct stun check(const char *username, unsigned extra) {
    struct stun m = {.cls = STUN_REQUEST,
                     .method = STUN_BINDING,
                     .username = str_of(username),
                     .priority = 1,
                     .tie_breaker = 9};
    m.has = STUN_HAS_USERNAME | STUN_HAS_PRIORITY | extra;
    if (!(extra & STUN_HAS_CONTROLLED))
        m.has |= STUN_HAS_CONTROLLING;
    rnd_bytes(m.tid, sizeof m.tid);
    return m;
}

/* Sends a check signed with pwd; the agent's verdict. */
static int send_check(struct rig *r, const struct stun *m, const char *pwd, const struct addr_path *from,
                      int64_t now) {
    struct stun in;
    int n = stun_write(m, str_of(pwd), r->wire, sizeof r->wire);
    assert_true(n > 0);
    assert_int_equal(stun_parse(&in, (struct bytes){r->wire, (size_t)n}), 0);
    return ice_on_stun(&r->ice, &in, from, now, &r->out);
}

static int knock(struct rig *r, unsigned extra, const struct addr_path *from, int64_t now) {
    char user[64];
    snprintf(user, sizeof user, "%s:them", r->creds.ufrag);
    struct stun m = check(user, extra);
    return send_check(r, &m, r->creds.pwd, from, now);
}

static struct stun reply_of(const struct rig *r, const char *pwd) {
    struct stun res;
    assert_true(r->out.did & ICE_DID_REPLY);
    assert_int_equal(stun_parse(&res, (struct bytes){r->out.reply, r->out.reply_n}), 0);
    assert_int_equal(stun_verify(&res, str_of(pwd)), 0);
    return res;
}

static void open_rig(struct rig *r) {
    *r = (struct rig){0};
    STR_COPY(r->creds.remote_ufrag, STR("them"));
    ice_creds_make(&r->creds);
    assert_true(strlen(r->creds.ufrag) >= 4 && strlen(r->creds.pwd) >= 22);
    ice_init(&r->ice, &r->creds, 0);
}

static void check_is_answered_and_nominated(void **state) {
    struct rig r;
    (void)state;
    open_rig(&r);
    struct addr_path p = path_of("198.51.100.7", 5000);
    assert_int_equal(knock(&r, 0, &p, SECOND), 0);
    assert_int_equal(r.out.did, ICE_DID_REPLY | ICE_DID_PROVE);
    struct stun res = reply_of(&r, r.creds.pwd);
    assert_int_equal(res.cls, STUN_SUCCESS);
    assert_true(addr_eq(&res.mapped, &p.remote));
    assert_null(ice_selected(&r.ice));
    assert_true(ice_is_proven(&r.ice, &p));
    assert_int_equal(knock(&r, STUN_HAS_USE_CANDIDATE, &p, SECOND), 0);
    assert_int_equal(r.out.did, ICE_DID_REPLY | ICE_DID_SELECT);
    assert_true(addr_eq(&ice_selected(&r.ice)->remote, &p.remote));
    assert_int_equal(knock(&r, STUN_HAS_USE_CANDIDATE, &p, SECOND), 0);
    assert_int_equal(r.out.did, ICE_DID_REPLY);
}

/* Nothing a stranger sends may change anything or be answered. */
static void strangers(void **state) {
    struct rig r;
    (void)state;
    open_rig(&r);
    struct ice before = r.ice;
    struct addr_path p = path_of("203.0.113.9", 1);
    char user[64], other[64];
    snprintf(user, sizeof user, "%s:them", r.creds.ufrag);
    snprintf(other, sizeof other, "%s:they", r.creds.ufrag);
    struct stun good = check(user, STUN_HAS_USE_CANDIDATE), ufrag = check("nope:them", 0),
                remote = check(other, 0);
    struct stun bare = good, nameless = good, response = good;
    bare.has &= ~(unsigned)STUN_HAS_USERNAME;
    nameless.username = STR("");
    response.cls = STUN_SUCCESS;
    assert_int_equal(send_check(&r, &good, "wrong-password-wrong-pass", &p, 1), -ERR_FORGED);
    assert_int_equal(send_check(&r, &good, "", &p, 1), -ERR_FORGED);
    assert_int_equal(send_check(&r, &ufrag, r.creds.pwd, &p, 1), -ERR_AUTH);
    assert_int_equal(send_check(&r, &remote, r.creds.pwd, &p, 1), -ERR_AUTH);
    assert_int_equal(send_check(&r, &bare, r.creds.pwd, &p, 1), -ERR_AUTH);
    assert_int_equal(send_check(&r, &nameless, r.creds.pwd, &p, 1), -ERR_AUTH);
    assert_int_equal(send_check(&r, &response, r.creds.pwd, &p, 1), -ERR_INVALID);
    assert_int_equal(r.out.did, 0);
    assert_memory_equal(&before, &r.ice, sizeof before);
}

static void role_conflict_and_unknown(void **state) {
    struct rig r;
    (void)state;
    open_rig(&r);
    struct addr_path p = path_of("198.51.100.7", 5000);
    assert_int_equal(knock(&r, STUN_HAS_CONTROLLED, &p, 1), -ERR_CONFLICT);
    struct stun res = reply_of(&r, r.creds.pwd);
    assert_int_equal(res.cls, STUN_ERROR);
    assert_int_equal(res.error, 487);
    char user[64];
    snprintf(user, sizeof user, "%s:them", r.creds.ufrag);
    struct stun m = check(user, STUN_HAS_UNKNOWN);
    m.has &= ~(unsigned)STUN_HAS_UNKNOWN;
    uint8_t w[STUN_REPLY_MAX];
    int n = stun_write(&m, str_of(r.creds.pwd), w, sizeof w);
    /* A message our writer cannot make: an attribute 0x7fff it does not know, signed. Parsed struct says so.
     */
    struct stun in;
    assert_int_equal(stun_parse(&in, (struct bytes){w, (size_t)n}), 0);
    in.has |= STUN_HAS_UNKNOWN;
    in.unknown[in.unknown_count++] = 0x7fff;
    assert_int_equal(ice_on_stun(&r.ice, &in, &p, 1, &r.out), -ERR_UNSUPPORTED);
    res = reply_of(&r, r.creds.pwd);
    assert_int_equal(res.error, 420);
    assert_null(ice_selected(&r.ice));
    assert_false(ice_is_proven(&r.ice, &p));
}

/* Wi-Fi to mobile: a nominated check from a new address moves the peer; the old address stays proven. */
static void the_peer_moves(void **state) {
    struct rig r;
    (void)state;
    open_rig(&r);
    struct addr_path wifi = path_of("198.51.100.7", 5000), mobile = path_of("2001:db8::5", 6000);
    knock(&r, STUN_HAS_USE_CANDIDATE, &wifi, SECOND);
    assert_int_equal(knock(&r, 0, &mobile, 2 * SECOND), 0);
    assert_true(addr_eq(&ice_selected(&r.ice)->remote, &wifi.remote));
    knock(&r, STUN_HAS_USE_CANDIDATE, &mobile, 3 * SECOND);
    assert_true(r.out.did & ICE_DID_SELECT);
    assert_true(addr_eq(&ice_selected(&r.ice)->remote, &mobile.remote));
    assert_true(ice_is_proven(&r.ice, &wifi));
}

/* Who nominates once (RFC 8445 8.1.1): a new address later on is a move, at once; an old one when the
 * selected has fallen silent. Who nominates in every check is followed by that alone. */
static void the_peer_moves_without_a_word(void **state) {
    struct rig r;
    (void)state;
    open_rig(&r);
    struct addr_path home = path_of("198.51.100.7", 5000), nat = path_of("198.51.100.7", 5001),
                     other = path_of("198.51.100.9", 1);
    knock(&r, STUN_HAS_USE_CANDIDATE, &home, SECOND);
    knock(&r, 0, &other, SECOND);
    assert_true(addr_same_end(ice_selected(&r.ice), &home)); /* the first checks try everything */
    knock(&r, 0, &home, 10 * SECOND);
    knock(&r, 0, &other, 11 * SECOND);
    assert_true(addr_same_end(ice_selected(&r.ice), &home));
    knock(&r, 0, &nat, 15 * SECOND);
    assert_true(r.out.did & ICE_DID_SELECT);
    assert_true(addr_same_end(ice_selected(&r.ice), &nat));
    knock(&r, 0, &other, 15 * SECOND + ICE_STALE_US);
    assert_true(addr_same_end(ice_selected(&r.ice), &other));
    knock(&r, STUN_HAS_USE_CANDIDATE, &home, 30 * SECOND);
    knock(&r, STUN_HAS_USE_CANDIDATE, &home, 34 * SECOND);
    struct addr_path spare = path_of("203.0.113.3", 9);
    knock(&r, 0, &spare, 50 * SECOND);
    assert_true(addr_same_end(ice_selected(&r.ice), &home));
}

/* One address and port by UDP and by two TCP connections are three ways; a broken connection is forgotten. */
static void ways_of_one_address(void **state) {
    struct rig r;
    (void)state;
    open_rig(&r);
    struct addr_path udp = path_of("198.51.100.7", 5000), tcp = udp, again = udp;
    tcp.stream = 4096;
    again.stream = 8193;
    assert_true(addr_path_key(&udp) != addr_path_key(&tcp) && addr_path_key(&tcp) != addr_path_key(&again));
    knock(&r, STUN_HAS_USE_CANDIDATE, &tcp, 1);
    assert_false(ice_is_proven(&r.ice, &udp));
    assert_false(ice_is_proven(&r.ice, &again));
    assert_false(ice_forget(&r.ice, &again));
    assert_true(ice_forget(&r.ice, &tcp));
    assert_null(ice_selected(&r.ice));
    assert_false(ice_is_proven(&r.ice, &tcp));
    knock(&r, STUN_HAS_USE_CANDIDATE, &again, 2);
    assert_true(r.out.did & ICE_DID_PROVE && r.out.did & ICE_DID_SELECT);
    assert_int_equal(ice_selected(&r.ice)->stream, again.stream);
}

static void addresses_are_bounded(void **state) {
    struct rig r;
    (void)state;
    open_rig(&r);
    struct addr_path first = path_of("198.51.100.7", 5000);
    knock(&r, STUN_HAS_USE_CANDIDATE, &first, 1);
    for (uint16_t i = 1; i < 100; i++) {
        struct addr_path p = path_of("198.51.100.8", i);
        knock(&r, 0, &p, 1 + i);
        assert_int_equal(!!(r.out.did & ICE_DID_EVICT), i >= ICE_ADDRS_MAX);
        if (i >= ICE_ADDRS_MAX)
            assert_int_equal(r.out.evicted.remote.port, i - ICE_ADDRS_MAX + 1);
    }
    assert_true(addr_eq(&ice_selected(&r.ice)->remote, &first.remote)); /* the selected one never gives way */
}

static void consent(void **state) {
    struct rig r;
    (void)state;
    open_rig(&r);
    struct addr_path p = path_of("198.51.100.7", 5000);
    assert_false(ice_consent_lost(&r.ice, ICE_CONSENT_US - 1));
    assert_true(ice_consent_lost(&r.ice, ICE_CONSENT_US)); /* nobody ever came */
    knock(&r, STUN_HAS_USE_CANDIDATE, &p, 10 * SECOND);
    assert_int_equal(ice_next_us(&r.ice), 10 * SECOND + ICE_CONSENT_US);
    knock(&r, 0, &p, 20 * SECOND);
    assert_false(ice_consent_lost(&r.ice, 49 * SECOND));
    struct stun m = check("x:y", 0);
    send_check(&r, &m, r.creds.pwd, &p, 49 * SECOND); /* a stranger does not renew it */
    assert_true(ice_consent_lost(&r.ice, 50 * SECOND));
}

static void restart(void **state) {
    struct rig r;
    (void)state;
    open_rig(&r);
    struct addr_path p = path_of("198.51.100.7", 5000);
    knock(&r, STUN_HAS_USE_CANDIDATE, &p, 1);
    struct ice_creds next = {0};
    ice_creds_make(&next);
    STR_COPY(next.remote_ufrag, STR("they"));
    ice_restart(&r.ice, &next);
    assert_int_equal(knock(&r, 0, &p, 2), 0); /* the old credentials still hold */
    assert_false(r.out.did & ICE_DID_RESTARTED);
    char user[64];
    snprintf(user, sizeof user, "%s:they", next.ufrag);
    struct stun m = check(user, 0);
    assert_int_equal(send_check(&r, &m, r.creds.pwd, &p, 3), -ERR_FORGED); /* new name, old password */
    assert_int_equal(send_check(&r, &m, next.pwd, &p, 3), 0);
    assert_false(r.out.did & ICE_DID_RESTARTED);
    assert_int_equal(knock(&r, STUN_HAS_USE_CANDIDATE, &p, 4),
                     0); /* nothing is nominated yet: nothing has ended */
    m = check(user, STUN_HAS_USE_CANDIDATE);
    assert_int_equal(send_check(&r, &m, next.pwd, &p, 5), 0);
    assert_true(r.out.did & ICE_DID_RESTARTED);
    assert_string_equal(r.out.retired_ufrag, r.creds.ufrag);
    reply_of(&r, next.pwd);
    assert_non_null(ice_selected(&r.ice)); /* media goes on where it went */
    assert_int_equal(knock(&r, 0, &p, 4), -ERR_AUTH);
}

/* The agent's own question to an address, and what they would answer with `pwd`. */
static int challenge(struct rig *r, const struct addr_path *at, const char *pwd, int64_t now) {
    uint8_t tid[STUN_TID_BYTES];
    rnd_bytes(tid, sizeof tid);
    uint8_t wire[STUN_MAX];
    struct stun asked;
    size_t n = ice_challenge(&r->ice, tid, wire, sizeof wire);
    assert_int_equal(stun_parse(&asked, (struct bytes){wire, n}), 0);
    char user[64];
    snprintf(user, sizeof user, "them:%s", r->ice.now.ufrag);
    assert_true(str_is(asked.username, user));
    assert_int_equal(stun_verify(&asked, str_of("their-password-of-22-chars")), 0);
    assert_true(asked.has & STUN_HAS_CONTROLLED && asked.has & STUN_HAS_PRIORITY);
    struct stun in, res = {.cls = STUN_SUCCESS, .method = STUN_BINDING, .has = STUN_HAS_MAPPED};
    res.mapped = at->local;
    memcpy(res.tid, asked.tid, sizeof res.tid);
    int len = stun_write(&res, str_of(pwd), r->wire, sizeof r->wire);
    assert_true(len > 0);
    assert_int_equal(stun_parse(&in, (struct bytes){r->wire, (size_t)len}), 0);
    return ice_on_answer(&r->ice, &in, at, now, &r->out);
}

static void a_challenge_is_answered(void **state) {
    (void)state;
    struct rig r;
    open_rig(&r);
    uint8_t wire[STUN_MAX];
    assert_int_equal(ice_challenge(&r.ice, (uint8_t[STUN_TID_BYTES]){1}, wire, sizeof wire),
                     0); /* not told */
    STR_COPY(r.ice.now.remote_ufrag, STR("them"));
    STR_COPY(r.ice.now.remote_pwd, STR("their-password-of-22-chars"));
    struct addr_path old = path_of("198.51.100.5", 4000), new = path_of("198.51.100.9", 5000);
    assert_int_equal(knock(&r, STUN_HAS_USE_CANDIDATE, &old, SECOND), 0);
    assert_int_equal(challenge(&r, &new, "somebody-else-made-this-up", 2 * SECOND), -ERR_FORGED);
    assert_int_equal(r.out.did, 0);
    assert_false(ice_is_proven(&r.ice, &new));
    assert_false(ice_answers(&r.ice, &new));
    assert_int_equal(challenge(&r, &new, "their-password-of-22-chars", 3 * SECOND), 0);
    assert_true(ice_answers(&r.ice, &new));
    assert_int_equal(r.out.did, ICE_DID_PROVE | ICE_DID_SELECT);
    assert_true(addr_same_end(ice_selected(&r.ice), &new));
    assert_int_equal(ice_next_us(&r.ice), 3 * SECOND + ICE_CONSENT_US);
    /* the browser's next check, nominating as ever, changes nothing */
    assert_int_equal(knock(&r, STUN_HAS_USE_CANDIDATE, &new, 4 * SECOND), 0);
    assert_int_equal(r.out.did, ICE_DID_REPLY);
}

static void ufrag_lookup(void **state) {
    (void)state;
    struct str u;
    struct stun m = {.has = STUN_HAS_USERNAME, .username = STR("abcd:efgh")};
    assert_true(ice_ufrag_of(&m, &u) && str_is(u, "abcd"));
    const char *bad[] = {"", ":", ":efgh", "abcd"};
    for (size_t i = 0; i < countof(bad); i++) {
        m.username = str_of(bad[i]);
        assert_false(ice_ufrag_of(&m, &u));
    }
    m.has = 0;
    m.username = STR("abcd:efgh");
    assert_false(ice_ufrag_of(&m, &u));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_is_answered_and_nominated),
        cmocka_unit_test(strangers),
        cmocka_unit_test(role_conflict_and_unknown),
        cmocka_unit_test(the_peer_moves),
        cmocka_unit_test(the_peer_moves_without_a_word),
        cmocka_unit_test(ways_of_one_address),
        cmocka_unit_test(addresses_are_bounded),
        cmocka_unit_test(consent),
        cmocka_unit_test(restart),
        cmocka_unit_test(a_challenge_is_answered),
        cmocka_unit_test(ufrag_lookup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

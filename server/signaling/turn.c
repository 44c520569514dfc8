#include "server/signaling/turn.h"

#include <stdio.h>

#include "media/base/base64.h"
#include "media/base/err.h"
#include "media/base/hmac.h"
#include "media/base/json.h"

/* "host", "host:port", "[v6]:port". */
static bool host_port(struct str s, struct turn_url *out) {
    struct str port = STR("");
    uint64_t n = out->tls ? 5349 : 3478;
    size_t close = 0;
    if (s.n && s.p[0] == '[')
        while (close < s.n && s.p[close] != ']')
            close++;
    for (size_t i = close; i < s.n; i++)
        if (s.p[i] == ':') {
            port = (struct str){s.p + i + 1, s.n - i - 1};
            s.n = i;
            if (!port.n)
                return false;
        }
    if (close) {
        if (s.n != close + 1)
            return false;
        s = (struct str){s.p + 1, close - 1};
    }
    if (!s.n || (port.n && (str_u64(port, 65535, &n) || !n)))
        return false;
    out->host = s;
    out->port = (uint16_t)n;
    return true;
}

/* What RFC 7065 3.1 puts into an address, so that it can stand in a header and in quotes as it is. */
static bool is_plain(struct str s) {
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !strchr(".-_:[]?=", c))
            return false;
    }
    return s.n <= TURN_URL_MAX;
}

/* RFC 7065 3.1. */
static bool parse(struct str s, struct turn_url *out) {
    struct str scheme, rest;
    *out = (struct turn_url){.whole = s};
    if (!is_plain(s))
        return false;
    if (!str_until(&s, ':', &scheme) || !(str_is(scheme, "turn") || str_is(scheme, "turns")))
        return false;
    out->tls = str_is(scheme, "turns");
    if (!str_until(&s, '?', &rest) || !host_port(rest, out))
        return false;
    out->tcp = out->tls || str_is(s, "transport=tcp");
    return !s.n || str_is(s, "transport=tcp") || str_is(s, "transport=udp");
}

bool turn_next(struct str *urls, struct turn_url *out) {
    struct str one;
    return str_until(urls, ',', &one) && parse(str_trim(one), out);
}

int turn_check(const struct turn *t, char err[256]) {
    struct str list = str_of(t->urls);
    struct turn_url u;
    unsigned n = 0;
    while (list.n) {
        if (!turn_next(&list, &u)) {
            snprintf(err, 256,
                     "media.turn: \"" STR_FMT "\" is not an address like turn:relay.example.org:3478",
                     STR_ARG(u.whole));
            return -ERR_INVALID;
        }
        if (++n > TURN_URLS_MAX) {
            snprintf(err, 256, "media.turn: more than %d addresses", TURN_URLS_MAX);
            return -ERR_INVALID;
        }
    }
    if ((n > 0) == (t->secret[0] != 0))
        return 0;
    snprintf(err, 256, "media.turn and media.turn_secret go together: one of them is missing");
    return -ERR_INVALID;
}

void turn_pass(const struct turn *t, const char *who, int64_t now_ms, struct turn_pass *out) {
    uint8_t mac[HMAC_SHA1_BYTES];
    struct str secret = str_of(t->secret);
    int n = snprintf(out->user, sizeof out->user, "%lld:%.40s", (long long)(now_ms / 1000 + TURN_TTL_S), who);
    hmac_sha1(mac, (struct bytes){(const uint8_t *)secret.p, secret.n},
              (struct bytes){(const uint8_t *)out->user, (size_t)n});
    base64_write(out->credential, sizeof out->credential, (struct bytes){mac, sizeof mac});
}

bool turn_link(struct str *urls, const struct turn_pass *pass, char dst[TURN_LINK_MAX]) {
    struct turn_url u;
    if (!turn_next(urls, &u))
        return false;
    snprintf(dst, TURN_LINK_MAX,
             "<" STR_FMT ">; rel=\"ice-server\"; username=\"%s\"; credential=\"%s\"; "
             "credential-type=\"password\"",
             STR_ARG(u.whole), pass->user, pass->credential);
    return true;
}

void turn_ice(const struct turn *t, const char *who, int64_t now_ms, struct buf *out) {
    struct json *list = json_array();
    struct str rest = str_of(t->urls);
    if (rest.n) {
        struct json *server = json_object(), *urls = json_array();
        struct turn_pass pass;
        turn_pass(t, who, now_ms, &pass);
        for (struct turn_url u; turn_next(&rest, &u);)
            json_add_str(urls, u.whole);
        json_set(server, "urls", urls);
        json_set_z(server, "username", pass.user);
        json_set_z(server, "credential", pass.credential);
        json_add(list, server);
    }
    json_write(list, out);
    json_free(list);
}

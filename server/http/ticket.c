#include "server/http/ticket.h"

#include <sodium.h>

#include "media/base/err.h"
#include "media/base/json.h"

/* base64url of {"alg":"HS256","typ":"JWT"}. RFC 8725 3.1: "Libraries MUST enable the caller to specify a
 * supported set of algorithms": ours is a set of one, so the header is compared, never parsed. */
static const char head[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
enum {
    HEAD_LEN = sizeof head - 1,
    MAC_BYTES = crypto_auth_hmacsha256_BYTES,
    MAC_LEN = 43, /* base64url of 32 bytes without padding */
    CLAIMS_MAX = TICKET_MAX - HEAD_LEN - MAC_LEN - 2
};
#define B64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

static const char *const roles[] = {"host", "cohost", "speaker", "attendee"};

bool ticket_role_ok(struct str role) { return str_index(role, roles, countof(roles)) >= 0; }

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
static const char id_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

static bool id_ok(const char *z) {
    size_t n = strlen(z);
    return n && n <= TICKET_ID_MAX && strspn(z, id_chars) == n;
}

static bool claims_ok(const struct ticket *t) {
    struct str name = str_of(t->name);
    if (!name.n || !str_utf8_ok(name) || t->user < 0 || t->iat_s < 0 || t->exp_s < t->iat_s)
        return false;
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < 0x20 || name.p[i] == 0x7f)
            return false;
    for (const char *c = t->langs; *c; c++)
        if (!strchr("\n-", *c) && !strchr(letters, *c))
            return false;
    return id_ok(t->sub) && id_ok(t->room) && ticket_role_ok(str_of(t->role));
}

static void mac_of(uint8_t mac[MAC_BYTES], struct bytes key, struct str text) {
    crypto_auth_hmacsha256_state st;
    crypto_auth_hmacsha256_init(&st, key.p, key.n);
    crypto_auth_hmacsha256_update(&st, (const uint8_t *)text.p, text.n);
    crypto_auth_hmacsha256_final(&st, mac);
}

int ticket_mint(char dst[TICKET_MAX + 1], const struct ticket *t, struct bytes key) {
    if (!claims_ok(t) || key.n != TICKET_KEY_BYTES)
        return -ERR_INVALID;
    struct json *j = json_object();
    json_set_z(j, "sub", t->sub);
    json_set_z(j, "name", t->name);
    json_set_z(j, "room", t->room);
    json_set_z(j, "role", t->role);
    if (t->langs[0])
        json_set_z(j, "langs", t->langs);
    json_set_int(j, "user", t->user);
    json_set_int(j, "iat", t->iat_s);
    json_set_int(j, "exp", t->exp_s);
    struct buf b;
    buf_init(&b, CLAIMS_MAX);
    json_write(j, &b);
    json_free(j);
    int err = -ERR_TOO_LARGE;
    size_t claims_len = b.over ? 0 : sodium_base64_ENCODED_LEN(b.n, B64) - 1;
    if (claims_len && claims_len <= CLAIMS_MAX) {
        memcpy(dst, head, HEAD_LEN);
        dst[HEAD_LEN] = '.';
        sodium_bin2base64(dst + HEAD_LEN + 1, claims_len + 1, b.p, b.n, B64);
        size_t signed_len = HEAD_LEN + 1 + claims_len;
        uint8_t mac[MAC_BYTES];
        mac_of(mac, key, (struct str){dst, signed_len});
        dst[signed_len] = '.';
        sodium_bin2base64(dst + signed_len + 1, MAC_LEN + 1, mac, sizeof mac, B64);
        err = 0;
    }
    buf_fini(&b);
    return err;
}

static bool text_claim(const struct json *j, const char *key, char *dst, size_t cap) {
    struct str s;
    return json_get_str(j, key, &s) && s.n && str_copy(dst, cap, s);
}

static int parse_claims(struct ticket *t, struct str text) {
    struct json *j = NULL;
    if (json_parse(&j, text) < 0)
        return -ERR_AUTH;
    *t = (struct ticket){.user = 0};
    bool ok = text_claim(j, "sub", t->sub, sizeof t->sub) && text_claim(j, "room", t->room, sizeof t->room) &&
              text_claim(j, "name", t->name, sizeof t->name) &&
              text_claim(j, "role", t->role, sizeof t->role) && json_get_int(j, "user", &t->user) &&
              (!json_get(j, "langs") || text_claim(j, "langs", t->langs, sizeof t->langs)) &&
              json_get_int(j, "iat", &t->iat_s) && json_get_int(j, "exp", &t->exp_s) && claims_ok(t);
    json_free(j);
    return ok ? 0 : -ERR_AUTH;
}

int ticket_verify(struct ticket *out, struct str jwt, struct bytes key, int64_t now_ms) {
    if (jwt.n > TICKET_MAX || jwt.n < HEAD_LEN + 2 + MAC_LEN || key.n != TICKET_KEY_BYTES)
        return -ERR_AUTH;
    struct str claims = {jwt.p + HEAD_LEN + 1, jwt.n - HEAD_LEN - 2 - MAC_LEN};
    const char *mac_text = claims.p + claims.n + 1;
    if (memcmp(jwt.p, head, HEAD_LEN) || jwt.p[HEAD_LEN] != '.' || mac_text[-1] != '.')
        return -ERR_AUTH;
    uint8_t given[MAC_BYTES], mac[MAC_BYTES], plain[TICKET_MAX];
    size_t n = 0;
    if (sodium_base642bin(given, sizeof given, mac_text, MAC_LEN, NULL, &n, NULL, B64) || n != sizeof given)
        return -ERR_AUTH;
    mac_of(mac, key, (struct str){jwt.p, HEAD_LEN + 1 + claims.n});
    if (sodium_memcmp(mac, given, sizeof mac))
        return -ERR_AUTH;
    /* From here on the text is our own; it still goes through the whole parser. */
    if (sodium_base642bin(plain, sizeof plain, claims.p, claims.n, NULL, &n, NULL, B64))
        return -ERR_AUTH;
    struct ticket t;
    if (parse_claims(&t, (struct str){(const char *)plain, n}) < 0)
        return -ERR_AUTH;
    if (t.exp_s <= now_ms / 1000)
        return -ERR_EXPIRED;
    *out = t;
    return 0;
}

#include "server/http/cookie.h"

bool cookie_get(struct str header, const char *name, struct str *out) {
    struct str pair, key;
    while (str_until(&header, ';', &pair)) {
        pair = str_trim(pair);
        if (!memchr(pair.p, '=', pair.n) || !str_until(&pair, '=', &key) || !str_is(str_trim(key), name))
            continue;
        pair = str_trim(pair);
        if (pair.n >= 2 && pair.p[0] == '"' && pair.p[pair.n - 1] == '"')
            pair = (struct str){pair.p + 1, pair.n - 2};
        *out = pair;
        return true;
    }
    return false;
}

const char *cookie_set(struct arena *a, const struct cookie *c) {
    return arena_printf(a, "%s=%s; Path=%s; Max-Age=%lld; HttpOnly; SameSite=Lax%s", c->name, c->value,
                        c->path, (long long)c->max_age_s, c->secure ? "; Secure" : "");
}

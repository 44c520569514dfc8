#include "media/base/slim.h"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <stdio.h>

#include "media/base/str.h"

enum { SLIM_MAX = 16 };

static OSSL_PROVIDER *whole; /* OpenSSL's default one, in a context of its own */

/* What is handed out of each operation, by the first name OpenSSL knows it under; of others nothing. */
static struct slim_part {
    int operation;
    const char *names, *property;
    OSSL_ALGORITHM v[SLIM_MAX + 1]; /* zeros after the last */
} parts[] = {
    {.operation = OSSL_OP_DIGEST, .names = " SHA1 SHA2-256 SHA2-384 SHA2-512 MD5 MD5-SHA1 "},
    {.operation = OSSL_OP_CIPHER,
     .names = " AES-128-GCM AES-256-CTR AES-256-ECB "}, /* the latter: random numbers */
    {.operation = OSSL_OP_MAC, .names = " HMAC "},
    {.operation = OSSL_OP_KDF, .names = " TLS1-PRF "},
    {.operation = OSSL_OP_RAND, .names = " CTR-DRBG SEED-SRC "},
    {.operation = OSSL_OP_KEYMGMT, .names = " EC X25519 RSA "},
    {.operation = OSSL_OP_KEYEXCH, .names = " ECDH X25519 "},
    {.operation = OSSL_OP_SIGNATURE, .names = " ECDSA RSA "},
    {.operation = OSSL_OP_DECODER, .names = " EC RSA ", .property = "structure=SubjectPublicKeyInfo"},
};

static bool is_wanted(const struct slim_part *part, const OSSL_ALGORITHM *a) {
    char name[32];
    int n = snprintf(name, sizeof name, " %.*s ", (int)strcspn(a->algorithm_names, ":"), a->algorithm_names);
    return n < (int)sizeof name && strstr(part->names, name) &&
           (!part->property || strstr(a->property_definition, part->property));
}

static void pick(struct slim_part *part) {
    int no_cache = 0;
    unsigned n = 0;
    const OSSL_ALGORITHM *a = OSSL_PROVIDER_query_operation(whole, part->operation, &no_cache);
    for (; a && a->algorithm_names && n < SLIM_MAX; a++)
        if (is_wanted(part, a))
            part->v[n++] = *a;
}

static const OSSL_ALGORITHM *query(void *ctx, int operation, int *no_cache) {
    (void)ctx;
    *no_cache = 0;
    for (size_t i = 0; i < countof(parts); i++)
        if (parts[i].operation == operation)
            return parts[i].v;
    return NULL;
}

static int capabilities(void *ctx, const char *capability, OSSL_CALLBACK *each, void *arg) {
    (void)ctx;
    return OSSL_PROVIDER_get_capabilities(whole, capability, each, arg);
}

static int params(void *ctx, OSSL_PARAM *p) {
    (void)ctx;
    return OSSL_PROVIDER_get_params(whole, p);
}

static const OSSL_PARAM *gettable(void *ctx) {
    (void)ctx;
    return OSSL_PROVIDER_gettable_params(whole);
}

static int init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
                void **ctx) {
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
        {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))capabilities},
        {OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void))gettable},
        {OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))params},
        {0, NULL},
    };
    (void)handle;
    (void)in;
    *out = functions;
    *ctx = OSSL_PROVIDER_get0_provider_ctx(whole);
    return 1;
}

struct ossl_lib_ctx_st *slim_open(void) {
    static OSSL_LIB_CTX *inner, *slim;
    if (slim)
        return slim;
    inner = inner ? inner : OSSL_LIB_CTX_new();
    whole = inner ? OSSL_PROVIDER_load(inner, "default") : NULL;
    OSSL_LIB_CTX *c = whole ? OSSL_LIB_CTX_new() : NULL;
    if (!c)
        return NULL;
    for (size_t i = 0; i < countof(parts); i++)
        pick(&parts[i]);
    if (OSSL_PROVIDER_add_builtin(c, "slim", init) != 1 || !OSSL_PROVIDER_load(c, "slim")) {
        OSSL_LIB_CTX_free(c);
        return NULL;
    }
    slim = c;
    return slim;
}

#include "media/base/selfsign.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/base/err.h"
#include "media/base/rnd.h"

enum { VALID_DAYS = 825 }; /* longer ones are refused by Apple's browsers even when trusted by hand */

static void add_extension(X509 *x, int nid, const char *value) {
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    if (e) {
        X509_add_ext(x, e, -1);
        X509_EXTENSION_free(e);
    }
}

static X509 *make(EVP_PKEY *key, const char *host) {
    X509 *x = X509_new();
    if (!x)
        return NULL;
    X509_set_version(x, 2);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), rnd_u64() >> 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), (long)VALID_DAYS * 86400);
    X509_set_pubkey(x, key);
    X509_NAME *name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)host, -1, -1, 0);
    X509_set_issuer_name(x, name);
    char alt[320];
    bool is_address = strspn(host, "0123456789.") == strlen(host) || strchr(host, ':');
    snprintf(alt, sizeof alt, "%s:%.200s,DNS:localhost,IP:127.0.0.1", is_address ? "IP" : "DNS", host);
    add_extension(x, NID_subject_alt_name, alt);
    add_extension(x, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x, NID_ext_key_usage, "serverAuth");
    if (X509_sign(x, key, EVP_sha256()))
        return x;
    X509_free(x);
    return NULL;
}

static FILE *create(const char *path, char err[256]) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f) {
        snprintf(err, 256, "cannot write %.150s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
    }
    return f;
}

int selfsign_files(const char *cert_path, const char *key_path, const char *host, char err[256]) {
    if (!access(cert_path, R_OK) && !access(key_path, R_OK))
        return 0;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = key ? make(key, host) : NULL;
    int rc = -ERR_IO;
    snprintf(err, 256, "cannot make a certificate for %.100s", host);
    FILE *k = x ? create(key_path, err) : NULL, *c = k ? create(cert_path, err) : NULL;
    if (k && c && PEM_write_PrivateKey(k, key, NULL, NULL, 0, NULL, NULL) && PEM_write_X509(c, x))
        rc = 0;
    if (k && fclose(k))
        rc = -ERR_IO;
    if (c && fclose(c))
        rc = -ERR_IO;
    X509_free(x);
    EVP_PKEY_free(key);
    return rc;
}

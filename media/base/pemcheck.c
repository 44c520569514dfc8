#include "media/base/pemcheck.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "media/base/err.h"

static FILE *open_pem(const char *what, const char *path, char sentence[256]) {
    FILE *f = fopen(path, "re");
    if (!f)
        snprintf(sentence, 256, "The %s %.150s cannot be read: %s.", what, path, strerror(errno));
    return f;
}

static X509 *read_cert(const char *path, char sentence[256]) {
    FILE *f = open_pem("certificate", path, sentence);
    if (!f)
        return NULL;
    X509 *cert = PEM_read_X509(f, NULL, NULL, NULL);
    fclose(f);
    if (!cert)
        snprintf(sentence, 256, "%.200s holds no PEM certificate.", path);
    return cert;
}

/* Instead of OpenSSL's own, which asks on the terminal. */
static int no_passphrase(char *dst, int cap, int writing, void *arg) {
    (void)dst, (void)cap, (void)writing;
    *(bool *)arg = true;
    return -1;
}

static EVP_PKEY *read_key(const char *path, char sentence[256]) {
    FILE *f = open_pem("private key", path, sentence);
    if (!f)
        return NULL;
    bool locked = false;
    EVP_PKEY *key = PEM_read_PrivateKey(f, NULL, no_passphrase, &locked);
    fclose(f);
    if (locked)
        snprintf(sentence, 256,
                 "The private key %.120s is locked by a passphrase: store it without one (`openssl pkey`), "
                 "readable by the server only.",
                 path);
    else if (!key)
        snprintf(sentence, 256, "%.200s holds no PEM private key.", path);
    return key;
}

static int judge(X509 *cert, EVP_PKEY *key, int64_t now_s, int64_t *days_left, char sentence[256]) {
    time_t now = (time_t)now_s;
    int days = 0, seconds = 0;
    if (X509_check_private_key(cert, key) != 1) {
        snprintf(sentence, 256, "The certificate and the private key do not belong together.");
        return -ERR_INVALID;
    }
    if (X509_cmp_time(X509_get0_notBefore(cert), &now) > 0) {
        snprintf(sentence, 256, "The certificate is not in force yet: is the clock right?");
        return -ERR_EXPIRED;
    }
    ASN1_TIME *at = ASN1_TIME_set(NULL, now);
    bool ok = at && ASN1_TIME_diff(&days, &seconds, at, X509_get0_notAfter(cert)) == 1;
    ASN1_TIME_free(at);
    if (!ok || days < 0 || seconds < 0) {
        snprintf(sentence, 256, "The certificate is out of date.");
        return -ERR_EXPIRED;
    }
    *days_left = days;
    return 0;
}

int pemcheck(const char *cert_path, const char *key_path, int64_t now_s, int64_t *days_left,
             char sentence[256]) {
    sentence[0] = 0;
    X509 *cert = read_cert(cert_path, sentence);
    EVP_PKEY *key = cert ? read_key(key_path, sentence) : NULL;
    int err = key ? judge(cert, key, now_s, days_left, sentence) : -ERR_IO;
    X509_free(cert);
    EVP_PKEY_free(key);
    return err;
}

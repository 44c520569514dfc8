/* pemcheck — whether a certificate and a key file can serve HTTPS, before anybody relies on them: readable,
 * of each other, in force. Hides OpenSSL. Thread: any. */
#ifndef PEMCHECK_H
#define PEMCHECK_H
#include <stdint.h>

/* 0 and the days the (first) certificate is still good for, or -ERR_IO / -ERR_INVALID / -ERR_EXPIRED with a
 * sentence. */
int pemcheck(const char *cert_path, const char *key_path, int64_t now_s, int64_t *days_left,
             char sentence[256]);

#endif

/* slim — OpenSSL's algorithms without what a DTLS-SRTP handshake never uses: to decode the key of one
 * certificate OpenSSL 3.0 asks every decoder and every kind of key it has, a third of a handshake's time.
 * This is a library context whose only provider hands out the default one's algorithms, but of decoders and
 * kinds of keys a few. (How OpenSSL's own test/filterprov.c does it.) Thread: slim_open once before the
 * threads; using it, any. Lives as long as the program. */
#ifndef SLIM_H
#define SLIM_H

struct ossl_lib_ctx_st; /* OSSL_LIB_CTX */

/* The same every time; NULL when OpenSSL lacks something: the caller does with its default context. */
struct ossl_lib_ctx_st *slim_open(void);

#endif

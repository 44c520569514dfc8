/* selfsign — makes a self-signed ECDSA P-256 certificate for a name, as PEM files (RFC 5280), for HTTPS on a
 * LAN. Thread: any. The key file is readable by its owner only. */
#ifndef SELFSIGN_H
#define SELFSIGN_H

/* Writes both files unless both exist already. `host` is a DNS name or an address. -ERR_IO with a sentence.
 */
int selfsign_files(const char *cert_path, const char *key_path, const char *host, char err[256]);

#endif

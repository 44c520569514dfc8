/* err — the one vocabulary of failure, from parser to wire. Results are 0 or -ERR_x.
 * Thread: any. Pure. */
#ifndef ERR_H
#define ERR_H

enum err {
    ERR_NONE = 0,
#define X(name, wire, http, text) ERR_##name,
#include "media/base/err.def"
#undef X
    ERR_COUNT
};

/* All three accept -ERR_x or ERR_x; an unknown number is answered as ERR_IO. */
const char *err_wire(int err); /* stable identifier for programs */
int err_http(int err);         /* HTTP status; 200 for 0 */
const char *err_text(int err); /* short English meaning, for logs */

#endif

/* relay — tries a TURN relay as a browser would: asks it for an address and gives it back. Blocking, for
 * the command line only. Limits: RELAY_WAIT_MS for each answer. */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H
#include "server/signaling/turn.h"
#include "media/net/addr.h"

enum { RELAY_WAIT_MS = 2500 };
enum relay_finding {
    RELAY_WORKS,   /* *relayed is what it gave */
    RELAY_LISTENS, /* over TLS: a connection opens, more was not tried */
    RELAY_UNNAMED, /* its name leads to no address */
    RELAY_SILENT,  /* nobody answers there */
    RELAY_REFUSES, /* our passwords are not its */
    RELAY_STRANGE  /* it answers something else; *error is the STUN code, or 0 */
};

enum relay_finding relay_try(const struct turn_url *u, const struct turn_pass *pass, struct addr *relayed,
                             unsigned *error);

#endif

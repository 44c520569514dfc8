/* probe — the connection check: a browser that wants to know whether media reaches it gets a real media peer
 * that carries nothing, for PROBE_LIFE_MS. Needs no room and no ticket. Hides the rooms of their own that
 * such peers live in. Thread: control. Limits: PROBES_MAX at once, PROBES_ADDR_MAX of one address (a class
 * behind one arrives at once); how often one may ask is the route's pace. */
#ifndef PROBE_H
#define PROBE_H
#include "server/http/gate.h"
#include "server/http/http.h"
#include "server/signaling/turn.h"

enum { PROBES_MAX = 1024, PROBES_ADDR_MAX = PROBES_MAX / GATE_SHARE, PROBE_LIFE_MS = 15000 };

struct uv_loop_s;
struct media;
struct probes;
struct probes_cfg {
    struct uv_loop_s *loop;
    struct media *media; /* borrowed */
    struct http *http;   /* borrowed */
    struct turn turn;    /* its texts are borrowed */
};
void probes_open(struct probes **out, const struct probes_cfg *cfg);
/* Ends every check; the loop must run on until the handle is gone, then probes_free. NULL is fine. */
void probes_close(struct probes *p);
void probes_free(struct probes *p);
/* GET: the relay to try. POST {"sdp": offer}: {"sdp": answer}. */
void probes_on_request(struct probes *p, uint64_t call, const struct req *req);

#endif

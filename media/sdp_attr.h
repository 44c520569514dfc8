/* sdp_attr — the a= lines of a description, one table row each. Private to media/sdp_*.c. Pure. Thread: any.
 */
#ifndef SDP_ATTR_H
#define SDP_ATTR_H
#include "media/sdp.h"

/* What is being read: session-level values wait in `session` until each m-line that lacks them takes them
 * over. */
struct sdp_reader {
    struct sdp_offer *offer;
    struct sdp_media *media;  /* the m-line being read, NULL before the first */
    struct sdp_media session; /* ufrag, pwd, fp, setup, dir as said before the first m-line */
    bool has_setup, session_has_setup;
    struct str bundle; /* mids of the first BUNDLE group */
    char *err;
};

int sdp_fail(char *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int sdp_attr_read(struct sdp_reader *r, struct str line); /* the text after "a=" */
/* RFC 8839 5.4: lengths and alphabet of ice-ufrag and ice-pwd. */
int sdp_check_ice(struct str ufrag, struct str pwd, char *err);
void sdp_read_simulcast(struct sdp_media *m); /* at the end of an m-line */
bool sdp_is_mid(struct str s);
extern const char *const SDP_EXT_URI[SDP_EXT_COUNT];

#endif

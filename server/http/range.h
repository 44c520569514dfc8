/* range — which bytes of a file a request wants, by its Range and validators (RFC 9110 13 and 14). Pure. */
#ifndef RANGE_H
#define RANGE_H
#include "media/base/str.h"

struct range {
    int64_t offset, length;
    bool partial; /* 206 */
};
/* A Range header against a file of `total` bytes. 0: *out says what to send; a header that is absent (""),
 * malformed, of another unit or of several ranges reads as the whole file. -ERR_RANGE: outside the file
 * (416). */
int range_parse(struct range *out, struct str header, int64_t total);

/* Whether an entity-tag list ("*" or a comma-separated list) names `etag` (quoted). weak: W/ prefixes are
 * looked past, as If-None-Match wants; else only strong tags match. */
bool range_etag_in(struct str list, struct str etag, bool weak);

enum range_status { RANGE_SEND, RANGE_NOT_MODIFIED, RANGE_PRECONDITION };
struct range_headers {
    struct str if_match, if_none_match, if_range, range;
};
/* RFC 9110 13.2.2: If-Match, then If-None-Match, then Range under If-Range. *range gets the header to obey
 * ("" when If-Range names another version). */
enum range_status range_evaluate(const struct range_headers *h, struct str etag, struct str *range);

#endif

/* head — follows the bytes of one connection as far as to see what libwebsockets answers in its own way, or
 * not at all: an address or a header that cannot be read, a head over its limit, a WebSocket frame without
 * its mask. Pure, total, no allocation. Thread: owner's. Ownership: the names outlive every head. Limits:
 * HEAD_MAX and HEAD_PARTS_MAX lie within what libwebsockets keeps of a head. */
#ifndef HEAD_H
#define HEAD_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HEAD_MAX = 8192,     /* bytes libwebsockets keeps of a head; at least as many as it is long */
    HEAD_LINE_COST = 12, /* what it keeps beside the text of a header */
    HEAD_PARTS_MAX = 88, /* headers and parts of a query: it keeps so many, and a few of its own */
    HEAD_NAME_MAX = 40,  /* kept of a name, longer than any that is known, and */
    HEAD_VALUE_MAX = 20, /* of a value */
    HEAD_NAMES_MAX = 128
};

enum head_fault {
    HEAD_FINE,
    HEAD_REQUEST, /* no HTTP/1.1: what begins it is no method, or no version ends its line */
    HEAD_VERSION, /* HTTP, but not HTTP/1 */
    HEAD_ADDRESS, /* does not begin with a slash, a '%' without two hex digits, a NUL */
    HEAD_ADDRESS_LONG,
    HEAD_FIELD,  /* a header that is none (RFC 9112 5), or that would hide the next one, see head_names */
    HEAD_LENGTH, /* where its body ends is not told by one Content-Length */
    HEAD_FIELDS_LONG,
    HEAD_UPGRADE, /* to something else than a WebSocket */
    HEAD_UNMASKED /* RFC 6455 5.1 */
};

/* The words libwebsockets knows, small letters, as "host:". A header whose name is the beginning of one of
 * them and not itself known (X, or Sec) it takes together with the next line, so that what that says is
 * hidden. Some have no end ("put", "uri-args"): a method or a name that begins with one it takes for that. */
struct head_names {
    const char *v[HEAD_NAMES_MAX];
    size_t n;
};

struct head { /* private to head.c; visible so that a connection can embed it */
    uint8_t state;
    enum head_fault fault;
    bool has_request, is_query, is_zero, is_upgrade, has_length;
    uint8_t hex, name_n, value_n;
    bool is_cr;
    char name[HEAD_NAME_MAX], value[HEAD_VALUE_MAX];
    const struct head_names *names; /* borrowed: outlived by the owner */
    unsigned cost, parts;
    uint64_t left; /* of a body or a frame */
};

void head_init(struct head *h, const struct head_names *names);
/* The next bytes. A fault stays. */
enum head_fault head_feed(struct head *h, const uint8_t *p, size_t n);
bool head_is_socket(const struct head *h);   /* WebSocket frames follow */
bool head_has_request(const struct head *h); /* the first line was one of HTTP/1 */

#endif

/* json — JSON documents, over jansson (the only place that sees it). Parsing is bounded: depth
 * JSON_DEPTH_MAX, no duplicate keys, valid UTF-8, one value. Accessors are total: a NULL or wrong-typed value
 * reads as absent. Values are reference-owned: json_parse/json_object/json_array give one the caller frees
 * with json_free; json_set*, json_add take the child over; json_get, json_at borrow. Thread: owner's. */
#ifndef JSON_H
#define JSON_H
#include "media/base/buf.h"

enum { JSON_DEPTH_MAX = 16 };

struct json; /* opaque */

int json_parse(struct json **out, struct str text); /* -ERR_INVALID */
void json_free(struct json *j);
struct json *json_object(void);
struct json *json_array(void);
struct json *json_clone(const struct json *j); /* deep */

struct json *json_get(const struct json *obj, const char *key);
struct json *json_at(const struct json *arr, size_t i);
size_t json_len(const struct json *arr); /* 0 unless an array */
bool json_is_object(const struct json *j);
bool json_is_array(const struct json *j);
bool json_is_null(const struct json *j); /* an explicit null; absent is not */
/* Each returns false and leaves *out alone when the member is absent, null or of another type. */
bool json_get_str(const struct json *obj, const char *key, struct str *out);
bool json_get_int(const struct json *obj, const char *key, int64_t *out);
bool json_get_real(const struct json *obj, const char *key, double *out); /* whole numbers too */
bool json_get_bool(const struct json *obj, const char *key, bool *out);
bool json_str(const struct json *j, struct str *out);
bool json_int(const struct json *j, int64_t *out);
/* Iterate an object's members in insertion order: *it = NULL to start; false at the end. */
bool json_each(const struct json *obj, void **it, struct str *key, struct json **value);

void json_set(struct json *obj, const char *key, struct json *child);
void json_set_str(struct json *obj, const char *key, struct str s); /* invalid UTF-8 is replaced by "" */
void json_set_z(struct json *obj, const char *key, const char *z);
void json_set_int(struct json *obj, const char *key, int64_t v);
void json_set_real(struct json *obj, const char *key, double v);
void json_set_bool(struct json *obj, const char *key, bool v);
void json_set_null(struct json *obj, const char *key);
void json_add(struct json *arr, struct json *child);
void json_add_str(struct json *arr, struct str s);
void json_add_int(struct json *arr, int64_t v);

/* Compact text appended to b (bounded by its maximum; see b->over). */
void json_write(const struct json *j, struct buf *b);

#endif

/* jansson has functions of its own named json_object and json_array, and macros named like our predicates.
 * Its declarations are renamed while the header is read; empty containers come from json_pack instead. */
#define json_object jansson_object
#define json_array jansson_array
#include <jansson.h>
#undef json_object
#undef json_array
#undef json_is_object
#undef json_is_array
#undef json_is_null
#include "media/base/err.h"
#include "media/base/json.h"
#include "media/base/mem.h"

static json_t *in(const struct json *j) { return (json_t *)(uintptr_t)j; }

static struct json *out_of(json_t *j) { return (struct json *)j; }

static bool is(const struct json *j, json_type type) { return j && json_typeof(in(j)) == type; }

/* Out of memory aborts here as everywhere. Before main, so before any value exists. */
__attribute__((constructor)) static void use_our_memory(void) { json_set_alloc_funcs(mem_zalloc, mem_free); }

/* jansson's own depth limit is 2048 and fixed at its build, so nesting is counted beforehand. */
static bool depth_ok(struct str text) {
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX)
                return false;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return true;
}

int json_parse(struct json **out, struct str text) {
    if (!text.n || !depth_ok(text))
        return -ERR_INVALID;
    json_error_t why;
    json_t *j = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    if (!j)
        return -ERR_INVALID;
    *out = out_of(j);
    return 0;
}

void json_free(struct json *j) { json_decref(in(j)); }

struct json *json_object(void) {
    return out_of(json_pack("{}"));
}

struct json *json_array(void) {
    return out_of(json_pack("[]"));
}

struct json *json_clone(const struct json *j) {
    return j ? out_of(json_deep_copy(in(j))) : NULL;
}

struct json *json_get(const struct json *obj, const char *key) {
    return out_of(json_object_get(in(obj), key));
}

struct json *json_at(const struct json *arr, size_t i) {
    return out_of(json_array_get(in(arr), i));
}

size_t json_len(const struct json *arr) { return json_array_size(in(arr)); }

bool json_is_object(const struct json *j) { return is(j, JSON_OBJECT); }

bool json_is_array(const struct json *j) { return is(j, JSON_ARRAY); }

bool json_is_null(const struct json *j) { return is(j, JSON_NULL); }

bool json_str(const struct json *j, struct str *out) {
    if (!is(j, JSON_STRING))
        return false;
    *out = (struct str){json_string_value(in(j)), json_string_length(in(j))};
    return true;
}

bool json_int(const struct json *j, int64_t *out) {
    if (!is(j, JSON_INTEGER))
        return false;
    *out = json_integer_value(in(j));
    return true;
}

bool json_get_str(const struct json *obj, const char *key, struct str *out) {
    return json_str(json_get(obj, key), out);
}

bool json_get_int(const struct json *obj, const char *key, int64_t *out) {
    return json_int(json_get(obj, key), out);
}

bool json_get_real(const struct json *obj, const char *key, double *out) {
    const struct json *j = json_get(obj, key);
    if (!is(j, JSON_REAL) && !is(j, JSON_INTEGER))
        return false;
    *out = json_number_value((const json_t *)j);
    return true;
}

bool json_get_bool(const struct json *obj, const char *key, bool *out) {
    const struct json *j = json_get(obj, key);
    if (!is(j, JSON_TRUE) && !is(j, JSON_FALSE))
        return false;
    *out = is(j, JSON_TRUE);
    return true;
}

bool json_each(const struct json *obj, void **it, struct str *key, struct json **value) {
    *it = *it ? json_object_iter_next(in(obj), *it) : json_object_iter(in(obj));
    if (!*it)
        return false;
    *key = (struct str){json_object_iter_key(*it), json_object_iter_key_len(*it)};
    *value = out_of(json_object_iter_value(*it));
    return true;
}

void json_set(struct json *obj, const char *key, struct json *child) {
    json_object_set_new(in(obj), key, in(child)); /* frees the child when obj is no object */
}

static struct json *text_value(struct str s) {
    json_t *j = json_stringn(s.n ? s.p : "", s.n);
    return out_of(j ? j : json_string(""));
}

void json_set_str(struct json *obj, const char *key, struct str s) { json_set(obj, key, text_value(s)); }

void json_set_z(struct json *obj, const char *key, const char *z) { json_set_str(obj, key, str_of(z)); }

void json_set_int(struct json *obj, const char *key, int64_t v) {
    json_set(obj, key, out_of(json_integer(v)));
}

void json_set_real(struct json *obj, const char *key, double v) {
    json_t *j = json_real(v); /* NULL for what JSON cannot say: infinity and NaN */
    json_set(obj, key, out_of(j ? j : json_null()));
}

void json_set_bool(struct json *obj, const char *key, bool v) { json_set(obj, key, out_of(json_boolean(v))); }

void json_set_null(struct json *obj, const char *key) { json_set(obj, key, out_of(json_null())); }

void json_add(struct json *arr, struct json *child) { json_array_append_new(in(arr), in(child)); }

void json_add_str(struct json *arr, struct str s) { json_add(arr, text_value(s)); }

void json_add_int(struct json *arr, int64_t v) { json_add(arr, out_of(json_integer(v))); }

static int put(const char *p, size_t n, void *b) {
    buf_put(b, p, n);
    return 0;
}

void json_write(const struct json *j, struct buf *b) {
    if (j)
        json_dump_callback(in(j), put, b, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* codec — the fields of commands and events (server/rooms/fields.def) as members of a JSON object, and an
 * event as a line of text (proto_event, proto_event_parse). Pure. Used by proto only. */
#ifndef CODEC_H
#define CODEC_H
#include "media/base/json.h"
#include "server/rooms/event.h"

/* The largest integer that JSON readers agree on (RFC 8259, 6: "integers … in the range [-(2**53)+1,
 * (2**53)-1]"). */
#define CODEC_INT_MAX 9007199254740991LL

bool codec_int(const struct json *v, int64_t max, uint64_t *out);
bool codec_enum(int found, void *out); /* what a *_of function found, into an enum; false: it found nothing */
/* The fields asked for (sets of enum field; others are left alone), or the wire name of the one that is
 * absent or wrong. Texts are views into doc; out->list.p is on the heap, the caller frees it in any case. */
const char *codec_command(struct command *out, const struct json *doc, uint64_t required, uint64_t optional);
struct json *codec_lines(struct str list); /* as an array of strings */
struct json *codec_numbers(const struct numbers *v);
struct json *codec_set(uint32_t bits);  /* as an array of the places of ones */
struct json *codec_cans(uint32_t bits); /* as an array of names of permissions */

#endif

/* clip — captions of an uploaded video (server/catalogue/upload.h): a file a language, WebVTT or SubRip as
 * brought, kept as WebVTT in rows. Thread: the connection's. Limits: VTT_LANGS_MAX languages, SUBS_BYTES_MAX
 * a file. */
#ifndef CLIP_H
#define CLIP_H
#include "media/base/buf.h"
#include "server/catalogue/subs.h"
#include "server/catalogue/vtt.h"
#include "server/rooms/event.h"
#include "server/store/store.h"

struct clip_caption {
    char lang[VTT_LANG_MAX + 1], name[ROOM_NAME_MAX + 1];
    int64_t at_ms; /* when it was brought */
};

/* Takes the place of what was there in this language. -ERR_INVALID: what is wrong is in *p; -ERR_FULL: so
 * many languages. */
int clip_caption_put(struct store *s, const char *clip, const struct clip_caption *c, struct str file,
                     struct subs *p);
int clip_caption_drop(struct store *s, const char *clip, const char *lang); /* -ERR_MISSING */
int clip_captions(struct store *s, const char *clip,
                  struct clip_caption out[VTT_LANGS_MAX]); /* number or -ERR_x */
int clip_caption_get(struct store *s, const char *clip, const char *lang, struct buf *text,
                     int64_t *at_ms); /* -ERR_MISSING */

#endif

/* transcript — what was said of a recording, written down: in each language the file somebody brought, or
 * else the lines typed in the room, corrected and without those withdrawn; as WebVTT. Thread: any with its
 * own connection. Limits: VTT_LANGS_MAX languages, vtt's and subs'. */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H
#include "server/catalogue/revision.h"
#include "server/catalogue/subs.h"
#include "server/catalogue/vtt.h"
#include "server/store/store.h"

enum {
    TRANSCRIPT_NAME_MAX = 320, /* bytes: 80 characters of a file's name */
    TRANSCRIPT_TAG_MAX = 24
};
#define TRANSCRIPT_FILE "captions-%s.vtt"

/* What is on disk of a lesson made new (the timeline too, for it tells of the lines): a file of WebVTT for
 * each language there is something in, by rename, and none for any other. */
int transcript_publish(struct store *s, const char *data_dir, const char *event);
/* The same of one part, if something changed since it was made: before it is read. Of a recording that goes
 * on (is_live) there are the cues so far. However many ask at once, it is made once. */
int transcript_fresh(struct store *s, const char *data_dir, const char *event, enum revision_part part,
                     bool is_live);
/* After a cue was changed, or taken back (is_gone), which may have been the first or the last of its
 * language: that there is a file of it, or none, is true again. */
int transcript_settle(struct store *s, const char *data_dir, const char *event, const char *lang,
                      bool is_gone);
/* The languages there are files for, sorted: how many. */
size_t transcript_langs(const char *data_dir, const char *event, char out[VTT_LANGS_MAX][VTT_LANG_MAX + 1]);
/* The language of a file's name, as TRANSCRIPT_FILE has it. */
bool transcript_lang(struct str file, char lang[VTT_LANG_MAX + 1]);

/* A cue as it is now, -ERR_MISSING: there is none of that number in that language. */
struct transcript_cue {
    char text[SUBS_CUE_MAX + 1]; /* "" = withdrawn */
    char tag[TRANSCRIPT_TAG_MAX];
};
int transcript_cue(struct store *s, const char *event, const char *lang, uint64_t n,
                   struct transcript_cue *out);
/* An entity tag of these words: the same words, the same tag. */
void transcript_tag(struct str text, char tag[TRANSCRIPT_TAG_MAX]);
/* What an editor of the lesson says a cue is now; "" takes it back. -ERR_MISSING as above; -ERR_PRECONDITION:
 * it is not what he saw; -ERR_FULL. transcript_settle afterwards. */
struct amend_by;
int transcript_correct(struct store *s, const char *event, const char *lang, uint64_t n, struct str text,
                       const struct amend_by *by);
/* A captions file somebody brings, as WebVTT; the caller frees v in any case. -ERR_INVALID: p says why and
 * where.
 */
int transcript_read(const char *lang, struct str file, struct subs *p, struct vtt *v);
/* A file in the place of what there was in that language; -ERR_INVALID: p says why and where. -ERR_FULL: too
 * many languages. transcript_fresh afterwards, as after transcript_drop (-ERR_MISSING: no file). */
int transcript_bring(struct store *s, const char *event, const char *lang, const char *name, struct str file,
                     const struct amend_by *by, struct subs *p);
int transcript_drop(struct store *s, const char *event, const char *lang);
/* The files brought: how many, or -ERR_x. */
struct transcript_file {
    char lang[VTT_LANG_MAX + 1], name[TRANSCRIPT_NAME_MAX + 1];
};
int transcript_files(struct store *s, const char *event, struct transcript_file out[VTT_LANGS_MAX]);

#endif

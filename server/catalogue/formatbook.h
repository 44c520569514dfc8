/* formatbook — the formats people choose from: what is shipped (formats), with what the staff made of it in
 * the database over it. Each change is kept with who made it and when, and has a number; an event that was
 * opened keeps the change it was opened with. Thread: the connection's; `base` is read only. Limits:
 * FORMATS_MAX formats, FORMATBOOK_CHANGES_MAX changes that no event needs. */
#ifndef FORMATBOOK_H
#define FORMATBOOK_H
#include "server/catalogue/formats.h"
#include "server/catalogue/meeting.h"

enum { FORMATBOOK_CHANGES_MAX = 300, FORMATBOOK_LOG_MAX = 50 };
#define FORMATBOOK_USUAL "lesson" /* the default until the staff says another */

struct formatbook_entry {
    struct format f;
    int64_t n; /* of its last change, a deletion too; 0 = never touched */
    bool is_shipped, is_changed, is_hidden, is_default;
};

/* All, by id; the number, or -ERR_x. One whose stored text does not read any more is as shipped, or left out.
 */
int formatbook_list(struct store *s, const struct formats *base, struct formatbook_entry *v, size_t max);
/* -ERR_MISSING; then `n` of an own one that was deleted is set all the same. */
int formatbook_get(struct store *s, const struct formats *base, struct str id, struct formatbook_entry *out);
/* The rules of this event: as it was opened, else as they are now. -ERR_MISSING, -ERR_IO (stored text that
 * does not read: then nothing is known of what it promised). */
int formatbook_of(struct store *s, const struct formats *base, const struct meeting *m, struct format *out);
/* Whether nothing but counts is kept of this event: where its rules are not known, too. */
bool formatbook_forgets(struct store *s, const struct formats *base, const struct meeting *m);

enum format_deed {
    FORMAT_MADE,
    FORMAT_CHANGED,
    FORMAT_RESTORED,
    FORMAT_HIDDEN,
    FORMAT_SHOWN,
    FORMAT_DEFAULT,
    FORMAT_DELETED,
    FORMAT_DEED_COUNT
};
const char *format_deed_name(enum format_deed d);

struct formatbook_change {
    const struct formatbook_entry *was; /* as formatbook_get gave it: its n must still be the last */
    enum format_deed deed;
    const struct format *to; /* made, changed */
    const struct user *by;
    int64_t at_ms;
};
/* -ERR_PRECONDITION: somebody else changed it meanwhile. -ERR_CONFLICT: what cannot be (hiding or deleting
 * the default, a hidden default, deleting what is shipped or what events use, restoring what is not shipped).
 * -ERR_FULL: too many formats. */
int formatbook_put(struct store *s, const struct formats *base, const struct formatbook_change *c);

struct formatbook_line {
    int64_t n, at_ms;
    char format[FORMAT_ID_MAX + 1];
    const char *did, *by; /* the arena's */
};
/* The last changes, newest first, of one or (id "") of all. The number, or -ERR_x. */
int formatbook_log(struct store *s, struct str id, struct arena *a, struct formatbook_line *v, size_t max);
int64_t formatbook_events(struct store *s, struct str id); /* how many events have it; -ERR_x */
/* Whether everything stored reads; else a sentence. */
int formatbook_check(struct store *s, const struct formats *base, char sentence[FORMATS_SENTENCE_MAX]);

#endif

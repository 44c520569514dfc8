/* letter — a letter's words, in the language of who gets it: subject, plain text, simple HTML. Pure; text is
 * the arena's. Names and titles are other people's text: escaped in HTML, without line breaks in the subject.
 */
#ifndef LETTER_H
#define LETTER_H
#include "server/catalogue/outbox.h"
#include "server/catalogue/pass.h"

struct letter_about {
    const char *kind; /* of outbox.h */
    const struct registration *to;
    const struct meeting *event;
    const char *url, *site, *zone; /* of his registration; what the server calls itself; the event's zone */
    const struct pass *pass;       /* of a registration for a series; NULL: for the event alone */
    int64_t now_ms;                /* with a pass: dates before it are not spoken of */
};
struct letter {
    const char *subject, *text, *html;
    bool has_event, is_reminder; /* an .ics goes with it; may be switched off */
    bool is_cancel;              /* the .ics takes the event out */
};

/* -ERR_UNSUPPORTED: no such kind; -ERR_FULL. */
int letter_write(struct letter *out, const struct letter_about *about, struct arena *a);

#endif

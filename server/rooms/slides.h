/* slides — decks of pages in a room: which there are, which one everybody is shown, and at which page. A
 * deck's number is that of the event that brought it; the pages themselves are files
 * (server/catalogue/upload). Pure. Ownership: the room's. Limits: enumerators below. */
#ifndef SLIDES_H
#define SLIDES_H
#include "media/base/list.h"
#include "server/rooms/event.h"

enum {
    DECKS_MAX = 20, /* of a room */
    DECK_PAGES_MAX = 200,
};

struct deck {
    struct list link; /* room->slides.decks, in order of arrival */
    uint64_t n;
    char file[ROOM_NAME_MAX + 1]; /* what its files are called after; "" = a board: one endless page */
    char *title;                  /* heap */
    uint64_t pages, page;         /* page: 1..pages, where it was shown last */
    bool is_open;                 /* a board on which everybody may draw */
};
struct slides {
    struct list decks;
    size_t deck_count;
    uint64_t shown; /* deck.n, 0 = none */
};

struct room;
const struct deck *slides_find(const struct room *r, uint64_t n); /* or NULL */
static inline bool deck_is_board(const struct deck *d) { return !d->file[0]; }
/* Who may turn pages draws on all of them. */
struct member;
bool slides_may_draw(const struct room *r, const struct member *m, const struct deck *deck);

#endif

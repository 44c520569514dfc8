/* ink — what is drawn on the pages of a room's decks: strokes, shapes, words. A mark's number is that of the
 * event that drew it; each has an author, who may take it back. On the wire and in the log a mark is one
 * short text: base64url (RFC 4648 5, no padding) of three bytes, the tool, the colour and the width, then its
 * points as LEB128 numbers: x and y of the first, then the zigzag differences. Coordinates are 0..INK_MAX_XY
 * of the page's width and height; on a board (the tool has INK_ON_BOARD) the first is zigzag too, they go
 * INK_BOARD_XY either way, and INK_MAX_XY + 1 of them are as wide as a page. Pure. Ownership: the room's.
 * Limits: enumerators below. */
#ifndef INK_H
#define INK_H
#include "media/base/list.h"
#include "server/rooms/event.h"

enum ink_tool { INK_PEN, INK_MARKER, INK_LINE, INK_ARROW, INK_BOX, INK_ELLIPSE, INK_WORDS, INK_TOOL_COUNT };
enum {
    INK_COLOURS = 8,
    INK_WIDTH_MAX = 64, /* thousandths of the page's width */
    INK_MAX_XY = 4095,
    INK_ON_BOARD = 0x80,
    INK_BOARD_XY = 524287, /* 128 pages: near enough to endless, and three bytes a number */
    INK_POINTS_MAX = 400,  /* of a stroke; a longer one is several */
    INK_CHARS_MAX = 3300,  /* of its text: three bytes, and at most six a point, in base64 */
    INK_MARKS_MAX = 3000,  /* of a room … */
    INK_KEPT_MAX = 400000, /* … and bytes of their texts */
};

struct mark {
    struct list link; /* room->ink.marks, as they were drawn */
    uint64_t n, deck, page;
    char by[ROOM_ID_MAX + 1];
    char *ink, *words; /* heap */
};
struct ink {
    struct list marks;
    size_t count, bytes;
};

/* A mark as told is one: a stroke has 1 to INK_POINTS_MAX points on the page, a shape two, words one. */
bool ink_ok(struct str text);
enum ink_tool ink_tool_of(struct str text); /* of one that is ok, as the next */
bool ink_is_on_board(struct str text);

struct room;
const struct mark *ink_find(const struct room *r, uint64_t n); /* or NULL */

#endif

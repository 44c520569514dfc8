/* board — how many people are in each live room, for threads that may not look at rooms: control writes, api
 * threads read. The one small table that is shared, under a lock held for a copy. Limits: HUB_ROOMS_MAX
 * rooms. */
#ifndef BOARD_H
#define BOARD_H

struct board;
int board_open(struct board **out);
void board_close(struct board *b);
void board_clear(struct board *b);                            /* control: before a new round of board_put */
void board_put(struct board *b, const char *room, int count); /* control */
int board_count(void *board, const char *room);               /* any thread; -1: not live */

#endif

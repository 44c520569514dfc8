/* board — how many people are in each live room, for threads that may not look at rooms: control writes, api
 * threads read. The one small table that is shared, under a lock held for a copy. Limits: HUB_ROOMS_MAX
 * rooms. */
#ifndef BOARD_H
#define BOARD_H

struct board;
int board_open(struct board **out);
void board_close(struct board *b);
void board_put(struct board *b, const char *room, int count); /* control: a row of the next showing */
void board_show(struct board *b);               /* control: those rows, and no others, from now */
int board_count(void *board, const char *room); /* any thread; -1: not live */

#endif

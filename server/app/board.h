/* board — how many people are in each live room and whether it is being recorded, for threads that may not
 * look at rooms: control writes, api threads read. The one small table that is shared, under a lock held for
 * a copy. Limits: HUB_ROOMS_MAX rooms. */
#ifndef BOARD_H
#define BOARD_H

#include "server/http/api.h"

struct board;
int board_open(struct board **out);
void board_close(struct board *b);
void board_put(struct board *b, const char *room,
               struct api_live live); /* control: a row of the next showing */
void board_show(struct board *b);     /* control: those rows, and no others, from now */
bool board_live(void *board, const char *room, struct api_live *out); /* any thread; false: not live */

#endif

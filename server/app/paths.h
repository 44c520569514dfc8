/* paths — where the programs and their data are: beside the program when it runs from its build tree, else as
 * installed. Thread: any. */
#ifndef PATHS_H
#define PATHS_H
#include <stddef.h>

/* dst gets `configured` if that is not empty, else `beside` or `installed`, seen from the program's own
 * folder, whichever exists. */
void paths_find(char *dst, size_t cap, const char *configured, const char *beside, const char *installed);

#endif

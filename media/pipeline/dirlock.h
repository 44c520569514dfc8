/* dirlock — one writer a recording: a recorder whose server was killed closes its take by itself, and the
 * next one must not repair what is still being written. The kernel lets go when the process ends, however it
 * ends. Blocking (the supervisor has the patience and the limit). Thread: any. */
#ifndef DIRLOCK_H
#define DIRLOCK_H

/* Waits for the directory and keeps it until the process ends. Without a directory there is nothing to keep.
 */
void dirlock_take(const char *dir);

#endif

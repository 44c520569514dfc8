/* app — the running server: opens every part in order, ties them together on the control loop, and takes them
 * down again in reverse. Thread: control (it is the main thread). */
#ifndef APP_H
#define APP_H
#include "server/app/config.h"

/* Runs until SIGTERM or SIGINT, then drains: 0. A part that cannot start ends it with one sentence on
 * stderr: 1. */
int app_serve(const struct config *cfg);
/* Where the programs and their data are: beside the program when run from its build tree, else as installed.
 * dst gets `configured` if that is not empty. */
void app_path(char *dst, size_t cap, const char *configured, const char *beside, const char *installed);

#endif

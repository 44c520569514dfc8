/* app — the running server: opens every part in order, ties them together on the control loop, and takes them
 * down again in reverse. Thread: control (it is the main thread). */
#ifndef APP_H
#define APP_H
#include "server/app/config.h"

/* Runs until SIGTERM or SIGINT, then drains: 0. A part that cannot start ends it with one sentence on
 * stderr: 1. */
int app_serve(const struct config *cfg);

#endif

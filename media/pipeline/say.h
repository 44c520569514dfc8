/* say — the JSON lines a somhub-pipe child writes on stdout, unbuffered. A reader that is gone is no error:
 * the work goes on. Thread: owner's. */
#ifndef SAY_H
#define SAY_H
#include "media/base/json.h"

struct json *say_new(const char *type);
void say(struct json *message);                    /* takes it over */
void say_text(const char *type, const char *text); /* {"type":…,"text":…} */
void say_duration(const char *type, int64_t duration_ms);

#endif

/* Any text as a rule of a series: what is read is written and read the same, and gives bounded, growing
 * times. */
#include <stdlib.h>

#include "server/calendar/recur.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct recur r, again;
    char text[RECUR_TEXT_MAX + 1];
    static int64_t v[RECUR_TIMES_MAX];
    if (recur_parse(&r, (struct str){(const char *)data, size}))
        return 0;
    recur_write(&r, text);
    if (recur_parse(&again, str_of(text)) || memcmp(&r, &again, sizeof r))
        abort();
    size_t n = recur_times(&r, "Europe/Kyiv", 1790000000, v, RECUR_TIMES_MAX);
    if (n > RECUR_TIMES_MAX || (r.count && n > (size_t)r.count))
        abort();
    for (size_t i = 0; i < n; i++)
        if (v[i] < 1790000000 || (i && v[i] <= v[i - 1]) ||
            v[i] > 1790000000 + (RECUR_DAYS_MAX + 1) * 86400LL)
            abort();
    return 0;
}

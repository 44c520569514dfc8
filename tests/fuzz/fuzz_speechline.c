/* What a speech program prints: whatever is taken becomes captions a room takes. */
#include <stdint.h>

#include "server/pipes/speechline.h"
#include "server/rooms/captions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct speechline l;
    if (speechline_parse(&l, (struct str){(const char *)data, size}))
        return 0;
    if (l.at_ms < -1 || l.n > SPEECH_TEXT_MAX || (l.lang[0] && !captions_lang_ok(str_of(l.lang))))
        __builtin_trap();
    struct str rest = {l.text, l.n}, part;
    for (size_t turns = 0; speechline_cut(&rest, &part); turns++)
        if (!part.n || room_chars(part) > ROOM_LINE_CHARS || !str_utf8_ok(part) || turns > SPEECH_TEXT_CHARS)
            __builtin_trap();
    return 0;
}

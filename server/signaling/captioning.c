#include "server/signaling/captioning.h"

#include "server/signaling/live.h"
#include "server/signaling/seat.h"
#include "server/signaling/session.h"

static void cast(struct live *l, const char *who, const char *lang, struct str text) {
    struct buf b;
    buf_init(&b, NOTE_MAX_BYTES);
    proto_captioning(&b, who, lang, text);
    struct note *note = note_of(&b);
    cast_note(l, note);
    note_drop(note);
}

void captioning_tell(struct session *s, const struct msg *m) {
    struct live *l = s->live;
    const struct member *me = room_present(&l->room, s->seat->id);
    struct buf b;
    if (!me || !captions_may(&l->room, me) || room_table(&l->room, me)) {
        session_error(s, m->id, -ERR_DENIED, "Your role may not do this here.");
        return;
    }
    if ((m->cmd.text.n && !room_line_ok(m->cmd.text)) || !captions_lang_ok(str_of(m->cmd.name))) {
        session_error(s, m->id, -ERR_INVALID, "A caption is one line in a language.");
        return;
    }
    if (m->id) {
        buf_init(&b, NOTE_MAX_BYTES);
        proto_ok(&b, m->id, l->committed);
        session_tell(s, &b);
    }
    cast(l, me->id, m->cmd.name, m->cmd.text);
}

void captioning_guess(struct live *l, const char *lang, struct str text) {
    if (room_line_ok(text) && captions_lang_ok(str_of(lang)))
        cast(l, "", lang, text);
}

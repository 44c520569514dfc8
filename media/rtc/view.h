/* view — the slots of one viewing peer and which feed is on each: the loudest speakers on the audio slots,
 * the wanted pictures on the video slots. Movement is minimal: a source that stays keeps its slot. A view
 * never hears its own member, and sees him only when it asks for him by name. Thread: the worker's. Owner:
 * its peer. Limits: MEDIA_AUDIO_SLOTS, MEDIA_VIDEO_SLOTS_MAX slots. */
#ifndef VIEW_H
#define VIEW_H
#include "media/base/buf.h"
#include "media/rtc/slot.h"
#include "media/rtc/steer.h"
#include "media/rtc/stills.h"

enum { VIEW_JSON_MAX = 8192 };

struct view_pick { /* member "": this place stays empty */
    char member[MEDIA_MEMBER_ID_MAX + 1];
    enum media_source source;
};
struct view {
    struct steer steer;              /* what the line carries. First: a view is aligned to a line */
    struct list in_room, in_changed; /* changed: it came or wants other things; its room looks at it */
    uint64_t peer;
    char member[MEDIA_MEMBER_ID_MAX + 1];
    unsigned audio_n, video_n;
    unsigned room_n;   /* audio slots but for an interpreter's */
    struct slot *slot; /* audio slots, then video slots */
    struct view_pick want[MEDIA_VIDEO_SLOTS_MAX];
    unsigned want_n; /* 0: the room's stage */
    bool audio_only;
    uint8_t circle;       /* its member's (circle.h) */
    uint8_t channel;      /* of an interpreter it listens to, 0: none */
    struct stills stills; /* in place of pictures that move */
    struct leg *leg;      /* borrowed: its peer's */
    bool moved;           /* slots changed since the last view_json */
};

struct view_cfg {
    uint64_t peer;
    const char *member;
    struct leg *leg;
    const struct sdp_line *line;
    unsigned line_count;
    const struct sdp_ssrc *audio, *video; /* by sdp_line.slot */
};
void view_init(struct view *v, const struct view_cfg *c);
void view_fini(struct view *v);

/* feeds[0..n): what is to be heard, most important first (the ranked); others[0..m): may fill free slots. The
 * interpreter, not NULL, has the last slot. */
struct view_sounds {
    struct feed *const *feeds, *const *others;
    unsigned n, m;
    struct feed *interpreter;
};
void view_hear(struct view *v, const struct view_sounds *s, int64_t now_us);
/* feeds[0..n): the pictures in order of importance; NULL entries are places left empty. */
void view_see(struct view *v, struct feed *const *feeds, unsigned n, int64_t now_us);
/* Stills in place of pictures that move, and sound once, or all of it again. */
void view_save(struct view *v, bool on);
/* The viewer draws the slot of this mid so many pixels high (0: not at all). */
void view_draw(struct view *v, const char *mid, unsigned height);
/* What each slot that shows something could show, and which slot it is, in order of importance within a kind.
 * Returns how many; both arrays have room for MEDIA_VIDEO_SLOTS_MAX. */
unsigned view_ladders(struct view *v, struct allot_slot *out, struct slot **slot, int64_t now_us);
/* Picks the layer of each picture within the budget, after view_see. */
void view_choose(struct view *v, int64_t now_us);
/* What is due of its line (steer_next_us): a choice, packets kept back, a probe. True: what the slots carry
 * changed. */
bool view_tick(struct view *v, int64_t now_us);
struct slot *view_slot_of(struct view *v, uint32_t ssrc); /* also by RTX SSRC; NULL */
/* {"video":[{"mid","who","source","unsupported"?},…],"audio":[…]}: every slot; an empty one has only its mid.
 * Member ids and mids are free of characters JSON escapes (media.c refuses others). Clears `moved`. */
void view_json(struct view *v, struct buf *out);

#endif

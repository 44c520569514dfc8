/* format — what a room lets each role do, as data: webinar, lesson, master class, …
 * (config/formats/<id>.json, read by server/catalogue/formats.h). Pure values. Thread: any; immutable once
 * loaded. */
#ifndef FORMAT_H
#define FORMAT_H
#include "media/base/str.h"

enum { FORMAT_ID_MAX = 32, FORMAT_NAME_MAX = 80, FORMAT_STAGE_MAX = 100, FORMAT_VIDEO_SLOTS_MAX = 12 };

enum role { ROLE_ATTENDEE, ROLE_SPEAKER, ROLE_COHOST, ROLE_HOST, ROLE_COUNT }; /* by rank */

enum can_bit {
#define X(name, wire, meaning) CAN_BIT_##name,
#include "server/rooms/can.def"
#undef X
    CAN_COUNT
};
enum can {
#define X(name, wire, meaning) CAN_##name = 1 << CAN_BIT_##name,
#include "server/rooms/can.def"
#undef X
};

enum record_policy { RECORD_NEVER, RECORD_MANUAL, RECORD_AUTO, RECORD_POLICY_COUNT };

struct format {
    char id[FORMAT_ID_MAX + 1];
    char name_uk[FORMAT_NAME_MAX + 1], name_en[FORMAT_NAME_MAX + 1];
    uint32_t can[ROLE_COUNT]; /* bits enum can */
    bool lobby;               /* whether the lobby is on when a room is created */
    enum record_policy record;
    unsigned stage_max;   /* 1..FORMAT_STAGE_MAX people */
    unsigned video_slots; /* 1..FORMAT_VIDEO_SLOTS_MAX pictures a view gets at most */
    bool prefer_vp8;      /* codecs: ["vp8", …] puts VP8 before H.264 */
};

const char *role_name(enum role r); /* "attendee" "speaker" "cohost" "host" */
int role_of(struct str name);       /* enum value or -ERR_INVALID */
const char *can_name(enum can_bit b);
int can_of(struct str name);                          /* enum can_bit or -ERR_INVALID */
const char *record_policy_name(enum record_policy p); /* "never" "manual" "auto" */
int record_policy_of(struct str name);

#endif

/* channels — the languages a room is interpreted into, who interprets, and who is on the air. A channel is a
 * BCP 47 code. An interpreter is anybody with a language or two beside his role: his microphone is heard in
 * the channel he is on the air of and nowhere else, least of all in the room. Interpreters of one channel
 * take turns; each is on the air of one channel at most. Pure. Owner: the room. Limits: enumerators below. */
#ifndef CHANNELS_H
#define CHANNELS_H
#include "server/rooms/event.h"

enum {
    CHANNELS_MAX = 8,
    CHANNEL_LANG_MAX = 16, /* characters: zh-Hant-TW has 10 */
    CHANNELS_EACH = 2,     /* languages one person interprets into */
};

struct channel {
    char lang[CHANNEL_LANG_MAX + 1];
    char air[ROOM_ID_MAX + 1]; /* who is on it, "" = nobody */
};
struct channels {
    unsigned count;
    struct channel v[CHANNELS_MAX];
};
/* What a member interprets into: "" past the last. */
struct interprets {
    char lang[CHANNELS_EACH][CHANNEL_LANG_MAX + 1];
};

struct room;
struct member;
bool channel_lang_ok(struct str lang); /* RFC 5646 2.1, as far as shape goes: subtags of 1–8, 2 first */
bool member_interprets(const struct member *m); /* into anything */
bool member_interprets_to(const struct member *m, const char *lang);
unsigned room_channel(const struct room *r, const char *lang); /* its number from 1; 0: there is none */
/* The channel this member's voice is in now; 0: he is on the air of none. */
unsigned room_on_air(const struct room *r, const struct member *m);

#endif

/* talk — what of a voice (or an instrument) is sent: from the breath before it is heard, so that no first
 * syllable is cut, until it is silent; then one packet without sound, so that decoders rest instead of
 * filling a gap. Pure: over a history of Opus packets. */
#ifndef TALK_H
#define TALK_H
#include "media/rtc/history.h"

enum {
    TALK_BREATH_US = 300 * 1000, /* how far back a beginning may reach */
    TALK_SILENT_DB = 75,         /* dBov below: what is quieter is silence */
    TALK_HOLD_US = 1200 * 1000,  /* silence shorter than this is a pause, and sent */
    TALK_PACKETS_MAX = 32,       /* of them; 10 ms each are the shortest anybody sends */
    TALK_OPUS_HZ = 48000,
    TALK_SILENCE_BYTES = 1,
};

/* Louder than silence; without a level: more than a DTX packet. */
bool talk_has_sound(const struct history_pkt *p);
/* The number of the packet to begin with when the voice is first heard at packet `at`: the earliest of the
 * last TALK_BREATH_US that has sound, and one before it, for a decoder needs one to swing in. A receiver has
 * those more in its buffer than it wants and plays a little faster until they are gone. */
uint64_t talk_first(const struct history *h, const struct history_pkt *at);
/* An Opus packet like `last` (its payload) but of no sound: RFC 6716 3.1, the TOC byte of one empty frame,
 * which is what an encoder in DTX sends. */
void talk_silence(struct bytes last, uint8_t out[TALK_SILENCE_BYTES]);

#endif

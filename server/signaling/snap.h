/* snap — what a snapshot says of polls and questions: to everybody, to those who run them, and of what one
 * did oneself; of the timer. Pure. Limits: of polls that were opened, the last SNAP_POLLS_MAX; of questions,
 * the last with SNAP_ASKS_BYTES of text. `blind`: who is not told the names of others (names_blind), or NULL.
 */
#ifndef SNAP_H
#define SNAP_H
#include "server/signaling/proto.h"

enum { SNAP_POLLS_MAX = 20, SNAP_ASKS_BYTES = 128 << 10 };

struct json *snap_polls(const struct room *r, bool is_poller);
/* What this member did: [{"n","picks"} or {"n","text"},…]. */
struct json *snap_answers(const struct proto_welcome *w);
/* For who may so much: with those set aside, for who answers; with those nobody has seen, for who moderates.
 */
struct json *snap_asks(const struct room *r, const struct member *blind, uint32_t can);
struct json *snap_asks_own(const struct proto_welcome *w); /* one's own that nobody has seen */
struct json *snap_asked(const struct proto_welcome *w);    /* [n,…] of one's own questions */
struct json *snap_voted(const struct proto_welcome *w);    /* [n,…] one voted for */
struct json *
snap_chat(const struct room *r,
          const struct member *blind); /* the newest messages to all, as many as PROTO_CHAT_BYTES hold */
struct json *snap_direct(const struct proto_welcome *w); /* private ones: by and for this member only */
/* {"type":"found",…}: lines that were looked for (server/rooms/find.h), newest first. */
struct found;
struct snap_found {
    const struct room *room;
    const struct member *blind;
    const struct found *v;
    size_t n;
    uint64_t next;
};
void snap_found(struct buf *b, uint64_t id, const struct snap_found *f);
struct json *snap_pin(const struct room *r, const struct member *blind);
struct json *snap_rules(const struct room *r);
struct json *snap_timer(const struct room *r, const struct member *blind);
struct json *snap_notes(const struct room *r);  /* {"n","whole"?,"updates":[…]} */
struct json *snap_slides(const struct room *r); /* {"decks":[…],"shown":n} */
struct json *snap_ink(const struct room *r);    /* every mark on every page */
struct json *snap_channels(const struct room *r,
                           const struct member *blind); /* {"langs":[{"lang","air"}],"people":[…]} */
struct json *snap_video(const struct room *r);          /* {"clips":[…],"shown":n,…} */
struct json *snap_tables(const struct room *r); /* {"count","free","open",…,"cards":[…],"voices":[…]} */
struct json *snap_slides(const struct room *r); /* {"decks":[…],"shown":n} */
struct json *snap_limits(const struct room *r); /* {"attendee":["chat",…],…}: what is off now */
struct json *snap_reports(const struct room *r);  /* for who moderates */
struct json *snap_captions(const struct room *r); /* the last lines */
struct json *snap_banned(const struct room *r);
/* {"type":"votes","asks":[…]}: of these questions, as far as they are there. */
void snap_votes(struct buf *b, const struct room *r, const uint64_t *v, size_t n);
/* {"type":"tally","polls":[…]}: the sums of all open polls. */
void snap_tally(struct buf *b, const struct room *r);

#endif

/* poll — questions put to the room and what was answered: prepared, open, closed, shown. Answers are in the
 * log one by one, told in sum only. In an anonymous poll an answer's `by` is an alias (see struct actor), and
 * when the poll is closed only the sums stay in memory. Pure. Ownership: the room's. Limits: enumerators
 * below. */
#ifndef POLL_H
#define POLL_H
#include "media/base/list.h"
#include "media/base/map.h"
#include "server/rooms/event.h"

enum {
    POLLS_MAX = 100,           /* a room, with those prepared */
    POLL_QUESTION_CHARS = 500, /* code points */
    POLL_RANK_MAX = 10,        /* options to put in order */
    POLL_STEPS_MAX = 10,       /* of a scale */
    POLL_POINTS_MAX = 1000,
    POLL_HIDDEN_MAX = 50,      /* groups of words taken out of sight */
    POLL_ANSWERS_MAX = 12000,  /* to one poll */
    POLL_ANSWERS_KEPT = 40000, /* in a room */
    POLL_GROUPS_MAX = 200,     /* of words, told apart; what comes later counts in the whole only */
    POLL_SCORES_MAX = 10,      /* people on the board */
    POLL_SCORED_MAX = 20000,
};

enum poll_state { POLL_DRAFT, POLL_OPEN, POLL_CLOSED };

struct poll_answer {
    struct list link; /* poll->answers, in order of the first answer of each person */
    char by[ROOM_ID_MAX + 1];
    struct numbers picks;
    char *words;  /* heap or NULL: in one line, single blanks */
    uint64_t key; /* of the words without case */
};
/* What was answered in sum. counts: by option, by step, for RANK the Borda points (the first of k gets k),
 * for WORDS by group, the largest first, hidden ones left out. */
struct poll_tally {
    uint64_t answers;
    struct numbers counts;
    struct str groups; /* heap: lines beside counts, for WORDS */
};
struct poll {
    struct list link; /* room->polls, in order of making */
    uint64_t n;       /* its number: of the event that made it */
    enum poll_kind kind;
    enum poll_state state;
    bool is_anonymous, is_shown;
    char *question, *options; /* heap; options: lines */
    unsigned option_count;
    uint32_t right; /* bits of options; 0: not a quiz */
    uint64_t points, steps;
    struct list answers;
    struct smap by_who;
    size_t answer_count;
    uint64_t hidden[POLL_HIDDEN_MAX];
    char *hidden_words[POLL_HIDDEN_MAX];
    size_t hidden_count;
    struct poll_tally final; /* when closed */
};

struct room;
const struct poll *poll_find(const struct room *r, uint64_t n); /* or NULL */
const struct poll_answer *poll_answer_of(const struct poll *p, const char *by);
void poll_tally_get(const struct poll *p, struct poll_tally *out); /* poll_tally_fini */
void poll_tally_fini(struct poll_tally *t);
bool poll_is_right(const struct poll *p, const struct poll_answer *a);
/* Whose answers are worth most in the polls that are closed, named and have right answers: names as lines
 * beside their points. poll_tally_fini. */
void poll_scores(const struct room *r, struct poll_tally *out);

#endif

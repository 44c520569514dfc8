#include "server/rooms/format.h"

static const char *const role_names[ROLE_COUNT] = {"attendee", "speaker", "cohost", "host"};
static const char *const policy_names[RECORD_POLICY_COUNT] = {"never", "manual", "auto"};
static const char *const layout_names[LAYOUT_COUNT] = {"speaker", "grid", "slides", "screen", "side", "free"};
static const char *const questions_names[QUESTIONS_COUNT] = {"chat", "moderated", "approved"};
static const char *const keep_names[KEEP_COUNT] = {"all", "counts"};
static const char *const names_names[NAMES_COUNT] = {"shown", "hidden"};
static const char *const can_names[CAN_COUNT] = {
#define X(name, wire, meaning) wire,
#include "server/rooms/can.def"
#undef X
};

const char *role_name(enum role r) { return r < ROLE_COUNT ? role_names[r] : ""; }
int role_of(struct str name) { return str_index(name, role_names, ROLE_COUNT); }
const char *can_name(enum can_bit b) { return b < CAN_COUNT ? can_names[b] : ""; }
int can_of(struct str name) { return str_index(name, can_names, CAN_COUNT); }
const char *record_policy_name(enum record_policy p) {
    return p < RECORD_POLICY_COUNT ? policy_names[p] : "";
}
int record_policy_of(struct str name) { return str_index(name, policy_names, RECORD_POLICY_COUNT); }
const char *layout_name(enum layout l) { return l < LAYOUT_COUNT ? layout_names[l] : ""; }
int layout_of(struct str name) { return str_index(name, layout_names, LAYOUT_COUNT); }
const char *questions_name(enum questions q) { return q < QUESTIONS_COUNT ? questions_names[q] : ""; }
int questions_of(struct str name) { return str_index(name, questions_names, QUESTIONS_COUNT); }
const char *keep_name(enum keep k) { return k < KEEP_COUNT ? keep_names[k] : ""; }
int keep_of(struct str name) { return str_index(name, keep_names, KEEP_COUNT); }
const char *names_name(enum names n) { return n < NAMES_COUNT ? names_names[n] : ""; }
int names_of(struct str name) { return str_index(name, names_names, NAMES_COUNT); }

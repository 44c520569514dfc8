#include "server/rooms/format.h"
#include "media/base/err.h"

static const char *const role_names[ROLE_COUNT] = {"attendee", "speaker", "cohost", "host"};
static const char *const policy_names[RECORD_POLICY_COUNT] = {"never", "manual", "auto"};
static const char *const can_names[CAN_COUNT] = {
#define X(name, wire, meaning) wire,
#include "server/rooms/can.def"
#undef X
};

static int find(const char *const *names, int n, struct str name) {
    for (int i = 0; i < n; i++)
        if (str_is(name, names[i]))
            return i;
    return -ERR_INVALID;
}

const char *role_name(enum role r) { return r < ROLE_COUNT ? role_names[r] : ""; }
int role_of(struct str name) { return find(role_names, ROLE_COUNT, name); }
const char *can_name(enum can_bit b) { return b < CAN_COUNT ? can_names[b] : ""; }
int can_of(struct str name) { return find(can_names, CAN_COUNT, name); }
const char *record_policy_name(enum record_policy p) {
    return p < RECORD_POLICY_COUNT ? policy_names[p] : "";
}
int record_policy_of(struct str name) { return find(policy_names, RECORD_POLICY_COUNT, name); }

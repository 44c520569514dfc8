/* somhub user, room, token. */
#include <stdio.h>
#include <string.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/rnd.h"
#include "server/app/paths.h"
#include "server/catalogue/formatbook.h"
#include "server/catalogue/meeting.h"
#include "server/catalogue/password.h"
#include "server/catalogue/signin.h"
#include "server/cli/verbs.h"
#include "server/http/ticket.h"

enum { TICKET_TTL_S = 6 * 3600, TICKET_TTL_MAX_S = 366 * 24 * 3600 };

/* From the first line of stdin, or made here (then *made, and shown). */
static int take_password(const struct cli *c, char dst[PASSWORD_MAX_BYTES + 2], bool *made) {
    *made = !c->password_stdin;
    if (*made) {
        password_make(dst);
        return 0;
    }
    if (!fgets(dst, PASSWORD_MAX_BYTES + 2, stdin))
        return cli_fail("There is no password on stdin.");
    dst[strcspn(dst, "\r\n")] = 0;
    return password_ok(str_of(dst)) ? 0
                                    : cli_fail("A password has at least %d characters.", PASSWORD_MIN_CHARS);
}

int cli_user_add(struct cli *c) {
    char password[PASSWORD_MAX_BYTES + 2], email[USER_EMAIL_MAX + 1];
    bool made;
    struct user u = {.created_at = clock_wall_ms()};
    int role = user_role_of(str_of(c->role));
    if (role < 0)
        return cli_fail("--role is admin, staff, teacher or learner.");
    if (!user_name_ok(str_of(c->name)) || !STR_COPY(u.name, str_of(c->name)))
        return cli_fail("--name has 1 to %d characters.", ROOM_NAME_CHARS);
    if (user_email(email, str_of(c->email)) < 0)
        return cli_fail("--email: \"%s\" is not an e-mail address.", c->email);
    (void)STR_COPY(u.email, str_of(email));
    u.role = (enum user_role)role;
    int rc = take_password(c, password, &made);
    if (rc)
        return rc;
    int err = user_add(c->store, &u, str_of(password));
    if (err == -ERR_CONFLICT)
        return cli_fail("There is an account with the e-mail %s.", u.email);
    if (err)
        return cli_fail("The account was not made: %s.", err_text(err));
    printf("u%lld %s\n", (long long)u.id, u.email);
    if (made)
        printf("password: %s\n", password);
    return 0;
}

int cli_user_list(struct cli *c) {
    struct user v[USER_PAGE];
    size_t n = 0;
    int64_t total = 0;
    for (int64_t page = 0; page == 0 || n == USER_PAGE; page++) {
        int err = user_list(c->store, (struct str){"", 0}, page, v, &n, &total);
        if (err)
            return cli_fail("The accounts cannot be read: %s.", err_text(err));
        for (size_t i = 0; i < n; i++)
            printf("u%lld\t%s\t%s\t%s\t%s\n", (long long)v[i].id, user_role_name(v[i].role),
                   v[i].blocked ? "blocked" : "active", v[i].email, v[i].name);
    }
    return 0;
}

int cli_user_password(struct cli *c) {
    char password[PASSWORD_MAX_BYTES + 2];
    bool made;
    struct user u;
    if (user_by_email(c->store, str_of(c->email), &u) < 0)
        return cli_fail("There is no account with the e-mail %s.", c->email);
    int rc = take_password(c, password, &made);
    if (rc)
        return rc;
    int err = user_set_password(c->store, u.id, str_of(password));
    if (!err) /* a server that runs now hears of it at its next start */
        err = user_void_tickets(c->store, u.id, clock_wall_ms() / 1000);
    if (!err)
        err = signin_close_user(c->store, u.id, NULL);
    if (err)
        return cli_fail("The password was not changed: %s.", err_text(err));
    if (made)
        printf("password: %s\n", password);
    return 0;
}

/* Rooms have a host; one made before there are any people belongs to an account nobody can sign in to. */
static int find_host(struct cli *c, struct user *out) {
    static const char robot[] = "somhub@localhost";
    if (c->host)
        return user_by_email(c->store, str_of(c->host), out) < 0
                   ? cli_fail("There is no account with the e-mail %s.", c->host)
                   : 0;
    if (user_by_email(c->store, STR(robot), out) == 0)
        return 0;
    char password[PASSWORD_MADE_CHARS + 1];
    *out = (struct user){.name = "somhub", .role = USER_STAFF, .created_at = clock_wall_ms()};
    (void)STR_COPY(out->email, STR(robot));
    password_make(password);
    int err = user_add(c->store, out, str_of(password));
    if (err == -ERR_CONFLICT)
        err = user_by_email(c->store, STR(robot), out); /* made by another `somhub room` this moment */
    out->blocked = true;
    if (!err)
        err = user_update(c->store, out);
    return err ? cli_fail("The room has no host: %s.", err_text(err)) : 0;
}

int cli_room(struct cli *c) {
    static struct formats formats;
    char dir[DATADIR_PATH_MAX + 1], sentence[FORMATS_SENTENCE_MAX];
    struct user host;
    paths_find(dir, sizeof dir, c->cfg.formats_dir, "../config/formats", "../share/somhub/formats");
    if (formats_load(&formats, dir, sentence) < 0)
        return cli_fail("%s", sentence);
    struct formatbook_entry e;
    const struct format *f = &e.f;
    if (formatbook_get(c->store, &formats, str_of(c->format ? c->format : "webinar"), &e) < 0)
        return cli_fail("There is no format \"%s\".", c->format ? c->format : "webinar");
    if (!meeting_title_ok(str_of(c->name)))
        return cli_fail("--name has 1 to %d characters.", MEETING_TITLE_CHARS);
    if (c->record && f->record == RECORD_NEVER)
        return cli_fail("Rooms of the format \"%s\" are never recorded.", f->id);
    if (f->keep == KEEP_COUNTS)
        return cli_fail(
            "A standing room never ends, and the format \"%s\" forgets at the end: make an event.", f->id);
    int rc = find_host(c, &host);
    if (rc)
        return rc;
    struct meeting m = {.title = c->name,
                        .description = "",
                        .duration_min = 60,
                        .record = c->record                   ? RECORD_AUTO
                                  : f->record == RECORD_NEVER ? RECORD_NEVER
                                                              : RECORD_MANUAL,
                        .join = JOIN_LINK,
                        .watch = WATCH_PRIVATE,
                        .standing = true,
                        .host = host.id,
                        .created_at = clock_wall_ms()};
    (void)STR_COPY(m.format, str_of(f->id));
    int err = meeting_add(c->store, &m);
    if (err)
        return cli_fail("The room was not made: %s.", err_text(err));
    printf("%s\n", m.id);
    return 0;
}

int cli_token(struct cli *c) {
    struct ticket t = {.iat_s = clock_wall_ms() / 1000};
    struct meeting m;
    struct arena a;
    char jwt[TICKET_MAX + 1];
    uint64_t ttl_s = TICKET_TTL_S;
    if (c->ttl && (str_u64(str_of(c->ttl), TICKET_TTL_MAX_S, &ttl_s) < 0 || !ttl_s))
        return cli_fail("--ttl is a number of seconds from 1 to %d.", TICKET_TTL_MAX_S);
    if (!ticket_role_ok(str_of(c->role)))
        return cli_fail("--role is host, cohost, speaker or attendee.");
    if (!user_name_ok(str_of(c->name)))
        return cli_fail("--name has 1 to %d characters.", ROOM_NAME_CHARS);
    arena_init(&a, (size_t)1 << 20);
    int err = meeting_get(c->store, str_of(c->room), &a, &m);
    arena_fini(&a);
    if (err)
        return cli_fail(err == -ERR_MISSING ? "There is no room %s." : "The room %s cannot be read.",
                        c->room);
    t.exp_s = t.iat_s + (int64_t)ttl_s;
    t.sub[0] = 't';
    rnd_id(t.sub + 1, 16);
    (void)STR_COPY(t.room, str_of(m.id));
    (void)STR_COPY(t.name, str_of(c->name));
    (void)STR_COPY(t.role, str_of(c->role));
    err = ticket_mint(jwt, &t, (struct bytes){c->data.key, sizeof c->data.key});
    if (err)
        return cli_fail("The ticket was not made: %s.", err_text(err));
    printf("%s\n", jwt);
    return 0;
}

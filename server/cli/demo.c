/* somhub demo: a data directory that looks like a centre at work. People, spaces and events are rows below;
 * the recorded lesson is made by the recorder itself out of a drawn picture and a tone. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/base/clock.h"
#include "media/base/err.h"
#include "media/base/mem.h"
#include "server/app/paths.h"
#include "server/catalogue/lesson.h"
#include "server/catalogue/meeting.h"
#include "server/catalogue/password.h"
#include "server/catalogue/people.h"
#include "server/catalogue/recdir.h"
#include "server/catalogue/roomlog.h"
#include "server/catalogue/space.h"
#include "server/cli/cli.h"
#include "server/cli/verbs.h"
#include "server/jobs/run.h"

enum { DEMO_PEOPLE = 4, PIPE_SILENCE_MS = 60000, PIPE_STOP_MS = 1000 };
#define MINUTE_MS 60000LL
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
static const char signin_file[] = "demo-signin.txt";

static const struct {
    const char *email, *name;
    enum user_role role;
} people[DEMO_PEOPLE] = {
    {"admin@example.org", "Ірина Мельник", USER_ADMIN},
    {"staff@example.org", "Тарас Бондар", USER_STAFF},
    {"teacher@example.org", "Оксана Коваль", USER_TEACHER},
    {"learner@example.org", "Марічка Левчук", USER_LEARNER},
};
enum { ADMIN, STAFF, TEACHER, LEARNER };

static const struct space spaces[] = {
    {.id = "teachers",
     .name_uk = "Центр професійного зростання педагогів",
     .name_en = "Centre for teachers’ professional growth",
     .about_uk =
         "Вебінари, майстер-класи й тренінги для вчителів: агенти змін, школа молодого вчителя, академія "
         "педагога, методичне ательє.",
     .about_en =
         "Webinars, master classes and trainings for teachers: agents of change, the young teacher’s school, "
         "the academy, the methodical atelier.",
     .place = 1},
    {.id = "parents",
     .name_uk = "Батьківський хаб",
     .name_en = "Parents’ hub",
     .about_uk = "Зустрічі з психологами, поради й розмови про дитинство, навчання і підтримку вдома.",
     .about_en =
         "Meetings with psychologists, advice and talks about childhood, learning and support at home.",
     .place = 2},
    {.id = "children",
     .name_uk = "Дитячий центр",
     .name_en = "Children’s centre",
     .about_uk = "Інтерактивні заняття, гуртки, пошук обдарованих дітей і профорієнтація.",
     .about_en = "Interactive classes, clubs, the search for gifted children and career guidance.",
     .place = 3},
};

static const struct {
    const char *title, *description, *space, *format;
    int64_t in_ms;
    int minutes, host;
    enum access_join join;
    enum access_watch watch;
    enum record_policy record;
} events[] = {
    {"Педагогічна вітальня: перший місяць у школі",
     "Розмова з молодими вчителями про те, що вийшло, що ні і де шукати підтримку. Приходьте із запитаннями.",
     "teachers", "lesson", 2 * HOUR_MS, 60, TEACHER, JOIN_PUBLIC, WATCH_UNLISTED, RECORD_MANUAL},
    {"Вебінар «Оцінювання без страху»",
     "Як давати зворотний зв’язок, який допомагає вчитися: приклади, критерії, помилки. Матеріали — після "
     "вебінару.",
     "teachers", "webinar", 1 * DAY_MS, 90, STAFF, JOIN_PUBLIC, WATCH_PUBLIC, RECORD_AUTO},
    {"Майстер-клас: гончарство онлайн",
     "Вчимося бачити форму: глина, руки, камера. Для вчителів мистецтва та всіх охочих.", "teachers",
     "master-class", 2 * DAY_MS, 75, TEACHER, JOIN_PUBLIC, WATCH_PUBLIC, RECORD_AUTO},
    {"Як говорити з дитиною про тривогу",
     "Зустріч із психологинею для батьків. Без запису: говоримо відверто.", "parents", "webinar", 3 * DAY_MS,
     60, STAFF, JOIN_PUBLIC, WATCH_PRIVATE, RECORD_NEVER},
    {"Методичне ательє: плануємо урок разом",
     "Закрита зустріч для колег: приносьте свій план уроку, доопрацюємо за годину.", "teachers", "lesson",
     4 * DAY_MS, 60, TEACHER, JOIN_MEMBERS, WATCH_PRIVATE, RECORD_MANUAL},
    {"Інтерактивне заняття «Місто з паперу»", "Будуємо місто своєї мрії з паперу й картону. Вік 8–11 років.",
     "children", "lesson", 5 * DAY_MS, 45, TEACHER, JOIN_LINK, WATCH_PRIVATE, RECORD_MANUAL},
};

static int fail(char err[256], const char *what, int code) {
    snprintf(err, 256, "%s: %s.", what, err_text(code));
    return code;
}

static int fill_people(struct store *s, int64_t now_ms, const char *password, int64_t ids[DEMO_PEOPLE]) {
    for (int i = 0; i < DEMO_PEOPLE; i++) {
        struct user u = {.role = people[i].role, .created_at = now_ms};
        (void)STR_COPY(u.name, str_of(people[i].name));
        (void)STR_COPY(u.email, str_of(people[i].email));
        int err = user_add(s, &u, str_of(password));
        if (err)
            return err;
        ids[i] = u.id;
    }
    return 0;
}

/* The next full half-hour, so that times look like somebody chose them. */
static int64_t rounded(int64_t ms) { return (ms / (30 * MINUTE_MS) + 1) * 30 * MINUTE_MS; }

static int fill_events(struct store *s, int64_t now_ms, const int64_t ids[DEMO_PEOPLE]) {
    for (size_t i = 0; i < countof(events); i++) {
        struct meeting m = {.title = events[i].title,
                            .description = events[i].description,
                            .starts_at = rounded(now_ms + events[i].in_ms),
                            .duration_min = events[i].minutes,
                            .record = events[i].record,
                            .join = events[i].join,
                            .watch = events[i].watch,
                            .host = ids[events[i].host],
                            .created_at = now_ms};
        (void)STR_COPY(m.space, str_of(events[i].space));
        (void)STR_COPY(m.format, str_of(events[i].format));
        int err = meeting_add(s, &m);
        if (err)
            return err;
    }
    return 0;
}

static int keep_signins(const char *data_dir, const char *password) {
    char path[DATADIR_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", data_dir, signin_file);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -ERR_IO;
    for (int i = 0; i < DEMO_PEOPLE; i++)
        dprintf(fd, "%-20s %s  (%s)\n", people[i].email, password, user_role_name(people[i].role));
    return close(fd) == 0 ? 0 : -ERR_IO;
}

void demo_print(const char *data_dir) {
    char path[DATADIR_PATH_MAX + 32], line[256];
    snprintf(path, sizeof path, "%s/%s", data_dir, signin_file);
    FILE *f = fopen(path, "re");
    if (!f)
        return;
    puts("Demo sign-ins:");
    while (fgets(line, sizeof line, f))
        printf("  %s", line);
    fclose(f);
    fflush(stdout);
}

/* The log of the recorded lesson: who spoke and wrote when, against the recording's clock. */
static int write_log(struct store *s, const char *id, int64_t start_ms, int64_t end_ms,
                     const int64_t ids[DEMO_PEOPLE]) {
    static const struct {
        int who;
        int64_t at_ms;
        const char *text;
    } chat[] = {
        {TEACHER, 1500, "Вітаю всіх! Сьогодні говоримо про форму."},
        {LEARNER, 4000, "Добрий день! Чути добре."},
        {LEARNER, 8000, "А де взяти схему?"},
        {TEACHER, 11000, "Схема — в описі події, її можна завантажити."},
    };
    struct roomlog_line lines[16];
    char json[16][512];
    size_t n = 0;
    char host[24], guest[24];
    snprintf(host, sizeof host, "u%lld", (long long)ids[TEACHER]);
    snprintf(guest, sizeof guest, "u%lld", (long long)ids[LEARNER]);
#define LINE(at, ...)                                                                                        \
    do {                                                                                                     \
        int len = snprintf(json[n], sizeof json[n], "{\"seq\":%zu,\"at\":%lld,", n + 1, (long long)(at));    \
        snprintf(json[n] + len, sizeof json[n] - (size_t)len, __VA_ARGS__);                                  \
        lines[n] = (struct roomlog_line){str_of(id), n + 1, (at), str_of(json[n]), false};                   \
        n++;                                                                                                 \
    } while (0)
    LINE(start_ms - 60000, "\"type\":\"created\",\"by\":\"\",\"format\":\"master-class\",\"on\":false}");
    LINE(start_ms - 50000,
         "\"type\":\"joined\",\"by\":\"\",\"who\":\"%s\",\"name\":\"%s\",\"role\":\"host\",\"stage\":true}",
         host, people[TEACHER].name);
    LINE(start_ms - 20000,
         "\"type\":\"joined\",\"by\":\"\",\"who\":\"%s\",\"name\":\"%s\",\"role\":\"attendee\",\"stage\":"
         "false}",
         guest, people[LEARNER].name);
    LINE(start_ms - 1000, "\"type\":\"opened\",\"by\":\"%s\"}", host);
    LINE(start_ms, "\"type\":\"recording\",\"by\":\"\",\"on\":true}");
    for (size_t i = 0; i < countof(chat); i++)
        LINE(start_ms + chat[i].at_ms, "\"type\":\"chat\",\"by\":\"%s\",\"name\":\"%s\",\"text\":\"%s\"}",
             chat[i].who == TEACHER ? host : guest, people[chat[i].who].name, chat[i].text);
    LINE(end_ms, "\"type\":\"recording\",\"by\":\"\",\"on\":false}");
    LINE(end_ms, "\"type\":\"ended\",\"by\":\"%s\"}", host);
#undef LINE
    return roomlog_append(s, lines, n);
}

static void no_line(void *arg, struct str line) {
    (void)arg;
    (void)line;
}

static int run_recorder(const char *pipe, const char *dir, char why[RUN_TEXT_MAX]) {
    if (mkdir(dir, 0700) < 0 && errno != EEXIST) {
        snprintf(why, RUN_TEXT_MAX, "%.200s cannot be made", dir);
        return -ERR_IO;
    }
    struct run r = {.argv = {pipe, "demo", dir},
                    .stop_fd = -1,
                    .silence_ms = PIPE_SILENCE_MS,
                    .stop_ms = PIPE_STOP_MS,
                    .line = no_line};
    return run_child(&r, why);
}

/* When the recorder's clock stood at the start of this recording; its end by its length. */
static int read_times(const char *data_dir, const char *id, struct str manifest, int64_t *start_ms,
                      int64_t *end_ms) {
    struct json *j = NULL, *takes = recdir_takes(data_dir, id);
    int64_t duration_ms = 0;
    bool ok = json_parse(&j, manifest) == 0 && json_get_int(j, "duration_ms", &duration_ms) &&
              json_get_int(json_at(takes, 0), "wall_ms", start_ms);
    *end_ms = *start_ms + duration_ms;
    json_free(j);
    json_free(takes);
    return ok ? 0 : -ERR_INVALID;
}

static int fill_lesson(struct store *s, const char *data_dir, const char *pipe,
                       const int64_t ids[DEMO_PEOPLE], char err[256]) {
    struct meeting m = {
        .title = "Майстер-клас: педагогіка форми",
        .description = "Запис майстер-класу: як побачити форму і навчити бачити її інших. Картинку й звук "
                       "намалював сам сервер, щоб було на чому спробувати програвач.",
        .space = "teachers",
        .format = "master-class",
        .duration_min = 60,
        .record = RECORD_AUTO,
        .join = JOIN_PUBLIC,
        .watch = WATCH_PUBLIC,
        .host = ids[TEACHER]};
    char dir[DATADIR_PATH_MAX + 64], why[RUN_TEXT_MAX];
    int64_t start_ms = 0, end_ms = 0;
    size_t n = 0;
    m.created_at = m.starts_at = clock_wall_ms();
    int rc = meeting_add(s, &m);
    if (rc)
        return fail(err, "The demo lesson", rc);
    (void)datadir_rec(data_dir, m.id, dir);
    rc = run_recorder(pipe, dir, why);
    char *manifest = rc ? NULL : recdir_read(data_dir, m.id, RECDIR_MANIFEST, &n);
    if (manifest)
        rc = read_times(data_dir, m.id, (struct str){manifest, n}, &start_ms, &end_ms);
    else
        rc = -ERR_MISSING;
    if (!rc)
        rc = write_log(s, m.id, start_ms, end_ms, ids);
    if (!rc)
        rc = lesson_started(s, m.id, start_ms);
    if (!rc)
        rc = lesson_publish(s, data_dir, m.id, (struct str){manifest, n}, end_ms);
    mem_free(manifest);
    if (!rc)
        return 0;
    /* Without it the rest is still a demo. */
    (void)meeting_delete(s, m.id);
    (void)recdir_remove(data_dir, m.id);
    return fail(err, "The demo lesson could not be recorded", rc);
}

static int fill(struct store *s, const char *data_dir, const char *pipe, char err[256]) {
    char password[PASSWORD_MADE_CHARS + 1];
    int64_t ids[DEMO_PEOPLE], now_ms = clock_wall_ms();
    password_make(password);
    int rc = keep_signins(data_dir, password);
    if (rc)
        return fail(err, "The sign-ins cannot be kept", rc);
    rc = fill_people(s, now_ms, password, ids);
    for (size_t i = 0; !rc && i < countof(spaces); i++)
        rc = space_put(s, &spaces[i]);
    if (!rc)
        rc = fill_events(s, now_ms, ids);
    if (rc)
        return fail(err, "The demo people and events cannot be made", rc);
    return fill_lesson(s, data_dir, pipe, ids, err);
}

int demo_fill(const char *data_dir, const char *pipe, char err[256]) {
    struct store *s;
    char db[DATADIR_PATH_MAX + 32];
    snprintf(db, sizeof db, "%s/somhub.db", data_dir);
    int rc = store_open(&s, db, false);
    if (rc)
        return fail(err, "The database cannot be opened", rc);
    rc = fill(s, data_dir, pipe, err);
    store_close(s);
    return rc;
}

int cli_demo(struct cli *c) {
    char pipe[DATADIR_PATH_MAX + 1], err[256];
    if (!c->data.fresh)
        return cli_fail("The data directory %s is in use already: demo content goes into a fresh one.",
                        c->data.path);
    paths_find(pipe, sizeof pipe, c->cfg.pipe_path, "somhub-pipe", "somhub-pipe");
    int rc = demo_fill(c->data.path, pipe, err);
    demo_print(c->data.path);
    return rc ? cli_fail("%s", err) : 0;
}
